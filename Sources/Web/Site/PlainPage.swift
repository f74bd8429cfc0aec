// The one page the server writes: a batch for browsers without scripts, so many photos at a time. It
// refreshes itself until the batch is settled.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

struct PlainPage {
    let store: any ImageStore
    let access: Access
    let turns: AnswerTurns

    static func path(of batch: Batch.ID) -> String { "/batches/\(batch)?plain" }

    /// Photos on a page.
    private static let length = 100

    /// `GET /batches/{batch}?plain&after=…`: the photos behind a position.
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let after = request.uri.queryParameters["after"].flatMap { count(in: String($0)) }
        let words = PlainWords(acceptLanguage: request.headers[.acceptLanguage])
        let asker = access.asker(of: request.head, from: context.peer)
        let body = try await turns.run(for: asker) {
            // One more than is shown tells whether there is more.
            let found = try await store.images(of: id, after: after, limit: Self.length + 1)
            return ByteBuffer(string: page(found, isFirst: after == nil, words))
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: StaticFiles.contentSecurityPolicy,
                .referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: body))
    }

    private func page(_ found: ImagePage, isFirst: Bool, _ words: PlainWords) -> String {
        let images = found.images.prefix(Self.length)
        let isSettled = found.batch.state == .settled
        let start = (images.first?.position ?? 0) + 1
        let links = links(found, isFirst: isFirst, words)
        let end = found.batch.expiresAt.map { " · " + words.until($0) }
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
                <link rel="stylesheet" href="/css/frame.css">
                <link rel="stylesheet" href="/css/plain-batch.css">
            </head>
            <body>
                <main class="narrow">
                    <h1>\(words.title)</h1>
                    <p>\(words.summary(ready: found.readyCount, of: found.batch.imageCount))\(end ?? "")</p>
                    <ol start="\(start)">
            \(images.map { item($0, words) }.joined(separator: "\n"))
                    </ol>
                    \(links)
                    <p><a href="/">\(words.more)</a></p>
                </main>
            </body>
            </html>

            """
    }

    /// To the next page and back to the first, where there are such.
    private func links(_ found: ImagePage, isFirst: Bool, _ words: PlainWords) -> String {
        let path = html(Self.path(of: found.batch.id))
        var links: [String] = []
        if !isFirst { links.append("<a href=\"\(path)\">\(words.first)</a>") }
        if found.images.count > Self.length {
            let last = found.images[Self.length - 1].position
            links.append("<a href=\"\(path)&amp;after=\(last)\" rel=\"next\">\(words.next)</a>")
        }
        return links.isEmpty ? "" : "<p>\(links.joined(separator: " · "))</p>"
    }

    private func item(_ image: Image, _ words: PlainWords) -> String {
        let name = html(image.name)
        let state = image.state.map(words.state) ?? ""
        let renditions = (image.document["renditions"]?.members ?? [:]).values
            .sorted { $0["width"]?.intValue ?? 0 < $1["width"]?.intValue ?? 0 }
        let picture = renditions.first.map {
            "<img src=\"\(url($0))\" alt=\"\" width=\"\(number($0, "width"))\""
                + " height=\"\(number($0, "height"))\"><br>"
        }
        let links = renditions.map {
            " <a href=\"\(url($0))\">\(number($0, "width")) × \(number($0, "height"))</a>"
        }
        let problem = image.problem.map { " — \(html($0.detail))" }
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
    var next: String { isPortuguese ? "Próximas fotos" : "Next photos" }
    var first: String { isPortuguese ? "Primeiras fotos" : "First photos" }
    var more: String { isPortuguese ? "Enviar mais fotos" : "Send more photos" }

    func summary(ready: Int, of count: Int) -> String {
        isPortuguese ? "\(ready) de \(count) prontas" : "\(ready) of \(count) ready"
    }

    /// By the minute and in UTC, since nobody says where the reader is.
    func until(_ end: Date) -> String {
        let time = end.timestamp.prefix(16).replacingOccurrences(of: "T", with: " ") + " UTC"
        return isPortuguese ? "mantido até \(time)" : "kept until \(time)"
    }

    func state(_ state: Image.State) -> String {
        switch state {
        case .uploading: isPortuguese ? "enviando" : "uploading"
        case .waiting: isPortuguese ? "aguardando processamento" : "waiting for processing"
        case .processing: isPortuguese ? "processando" : "processing"
        case .ready: isPortuguese ? "pronta" : "ready"
        case .rejected: isPortuguese ? "recusada" : "refused"
        case .failed: isPortuguese ? "falhou" : "failed"
        case .cancelled: isPortuguese ? "cancelada" : "cancelled"
        case .expired: isPortuguese ? "expirada" : "expired"
        }
    }
}
