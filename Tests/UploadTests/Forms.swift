// Bodies of forms, and answers read as what they say.

import Domain
import Foundation

func form(_ files: [(name: String, content: String)], boundary: String = "b0undary") -> String {
    let parts = files.map { file in
        """
        --\(boundary)\r
        Content-Disposition: form-data; name="photos"; filename="\(file.name)"\r
        Content-Type: image/jpeg\r
        \r
        \(file.content)\r

        """
    }
    return parts.joined() + "--\(boundary)--\r\n"
}

let formType = ["Content-Type": "multipart/form-data; boundary=b0undary"]

extension Answer {
    var json: JSON { get throws { try JSON(parsing: body) } }
    var code: String? { (try? json)?["code"]?.stringValue }

    /// Whether it is a problem of this registered type, by its last part.
    func isProblem(_ type: String) -> Bool {
        (try? json)?["type"]?.stringValue?.hasSuffix("#\(type)") == true
    }

    /// The upload that `Location` names.
    var upload: Upload.ID {
        get throws {
            guard let id = self["Location"]?.split(separator: "/").last.flatMap({ Upload.ID($0) })
            else { throw Missing() }
            return id
        }
    }
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
