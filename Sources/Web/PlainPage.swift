// The one page the server writes: a batch for browsers without scripts. It refreshes itself until
// the batch is settled.

import Domain
import HTTPTypes
import Hummingbird

struct PlainPage {
    let store: any Store

    static func path(of batch: Batch.ID) -> String { "/batches/\(batch)?plain" }

    /// `GET /batches/{batch}?plain`
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let document = try JSON(parsing: try await store.snapshot(of: id).document)
        let words = PlainWords(acceptLanguage: request.headers[.acceptLanguage])
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: StaticFiles.contentSecurityPolicy,
                .referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: .init(string: page(document, words))))
    }

    private func page(_ document: JSON, _ words: PlainWords) -> String {
        let images = (document["images"]?.members ?? [:]).values
            .sorted { $0["position"]?.intValue ?? 0 < $1["position"]?.intValue ?? 0 }
        let isSettled = document["state"] == "settled"
        let ready = images.count { $0["state"] == "ready" }
        return """
            <!doctype html>
            <html lang="\(words.language)">
            <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                \(isSettled ? "" : "<meta http-equiv=\"refresh\" content=\"2\">")
                <title>Revela</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml">
                <link rel="stylesheet" href="/css/tokens.css">
                <link rel="stylesheet" href="/css/base.css">
                <link rel="stylesheet" href="/css/pages.css">
            </head>
            <body>
                <main class="narrow">
                    <h1>\(words.title)</h1>
                    <p>\(words.summary(ready: ready, of: images.count))</p>
                    <ol>
            \(images.map { item($0, words) }.joined(separator: "\n"))
                    </ol>
                    <p><a href="/">\(words.more)</a></p>
                </main>
            </body>
            </html>

            """
    }

    private func item(_ image: JSON, _ words: PlainWords) -> String {
        let name = html(image["name"]?.stringValue ?? "")
        let state = words.state(image["state"]?.stringValue ?? "")
        let renditions = (image["renditions"]?.members ?? [:]).values
            .sorted { $0["width"]?.intValue ?? 0 < $1["width"]?.intValue ?? 0 }
        let picture = renditions.first.map {
            "<img src=\"\(url($0))\" alt=\"\" width=\"\(number($0, "width"))\""
                + " height=\"\(number($0, "height"))\"><br>"
        }
        let links = renditions.map {
            " <a href=\"\(url($0))\">\(number($0, "width")) × \(number($0, "height"))</a>"
        }
        let problem = image["problem"]?["detail"]?.stringValue.map { " — \(html($0))" }
        return "<li>\(picture ?? "")<strong>\(name)</strong>: \(state)\(problem ?? "")"
            + links.joined() + "</li>"
    }

    private func url(_ rendition: JSON) -> String { html(rendition["url"]?.stringValue ?? "") }

    private func number(_ rendition: JSON, _ member: String) -> Int {
        rendition[member]?.intValue ?? 0
    }
}

/// Text as it may stand anywhere in a page: in an element or in a quoted attribute.
func html(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
        switch character {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "'": escaped += "&#39;"
        default: escaped.unicodeScalars.append(character)
        }
    }
    return escaped
}

/// The plain page's few words, in the two languages of the pages.
private struct PlainWords {
    let language: String

    /// Portuguese for whom it comes before English, English for everybody else.
    init(acceptLanguage: String?) {
        let first = (acceptLanguage ?? "").split(separator: ",")
            .map { $0.drop(while: \.isWhitespace).prefix(2).lowercased() }
            .first { $0 == "pt" || $0 == "en" }
        language = first == "pt" ? "pt-BR" : "en"
    }

    private var isPortuguese: Bool { language == "pt-BR" }
    var title: String { isPortuguese ? "Suas fotos" : "Your photos" }
    var more: String { isPortuguese ? "Enviar mais fotos" : "Send more photos" }

    func summary(ready: Int, of count: Int) -> String {
        isPortuguese ? "\(ready) de \(count) prontas" : "\(ready) of \(count) ready"
    }

    func state(_ state: String) -> String {
        guard let state = Image.State(rawValue: state) else { return "" }
        return switch state {
        case .uploading: isPortuguese ? "enviando" : "uploading"
        case .waiting: isPortuguese ? "na fila" : "waiting"
        case .processing: isPortuguese ? "revelando" : "developing"
        case .ready: isPortuguese ? "pronta" : "ready"
        case .rejected: isPortuguese ? "recusada" : "refused"
        case .failed: isPortuguese ? "falhou" : "failed"
        case .cancelled: isPortuguese ? "cancelada" : "cancelled"
        case .expired: isPortuguese ? "abandonada" : "abandoned"
        }
    }
}
