// Every setting, read once, from an ordered list of sources: flags, the environment (`REVELA_PORT`),
// a JSON file (`--config`), the defaults. Nothing else reads the environment.

import ArgumentParser
import Configuration
import Domain
import Foundation
import Logging
import Web

struct Settings: Sendable {
    let web: WebServer.Settings
    /// Absolute.
    let dataFolder: String
    let requireSandbox: Bool
    let workerCount: Int
    let workerPath: String
    let limits: Limits
    let uploads: UploadSettings
    let logLevel: Logger.Level
    /// Absolute; nil where there is none.
    let auditLog: String?

    /// - Throws: a `ValidationError` that names the setting and what is wrong with it.
    init(_ flags: Flags) async throws {
        let reader = try await Settings.reader(flags)
        var web = WebServer.Settings()
        web.host = try reader.requiredString(forKey: "host")
        web.port = try reader.number("port", in: 0...65_535)
        web.pages = try Settings.pages(try reader.requiredString(forKey: "pages"))
        web.heartbeatSeconds = try reader.number("heartbeatSeconds", in: 1...300)
        web.access = Access(
            publicOrigin: try Settings.publicOrigin(reader),
            trustedProxies: Set(try reader.requiredStringArray(forKey: "trustedProxies")))
        web.batchesPerMinute = try reader.number("batchesPerMinute", in: 0...1_000_000)
        // A century at most.
        web.keepDays = try reader.limit("keepDays", upTo: 36_525)
        web.strangerKeepDays = try reader.limit("strangerKeepDays", upTo: 36_525)
        web.isOpen = try reader.requiredBool(forKey: "open")
        web.metricsToken = try Settings.metricsToken(reader)
        web.makesFaults = try reader.requiredBool(forKey: "lab")
        try Settings.requireLocal(web)
        self.web = web
        dataFolder = absolute(try reader.requiredString(forKey: "data"))
        requireSandbox = try reader.requiredBool(forKey: "requireSandbox")
        workerCount = try reader.number("workers", in: 1...256)
        workerPath = absolute(try reader.requiredString(forKey: "worker"))
        var limits = Limits()
        limits.fileBytes = try reader.number("maxFileBytes", in: 1...(1 << 40))
        limits.appendBytes = try reader.limit("maxAppendBytes", upTo: 1 << 40)
        limits.imagesPerBatch = try reader.number("maxBatchImages", in: 1...100_000)
        limits.ownerBytes = try reader.limit("ownerBytes", upTo: 1 << 60)
        limits.ownerBatches = try reader.limit("ownerBatches", upTo: 1 << 40)
        limits.ownerUploads = try reader.limit("ownerUploads", upTo: 1 << 40)
        self.limits = limits
        var uploads = UploadSettings()
        uploads.firstByte = .seconds(60 * (try reader.number("firstByteMinutes", in: 1...1_440)))
        uploads.perMinute = try reader.number("uploadsPerMinute", in: 0...1_000_000)
        self.uploads = uploads
        let audit = try reader.requiredString(forKey: "auditLog")
        auditLog = audit.isEmpty ? nil : absolute(audit)
        let level = try reader.requiredString(forKey: "logLevel")
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw ValidationError("logLevel is \(level); it must be one of trace to critical.")
        }
        self.logLevel = logLevel
    }

    /// Logs go to standard error, so that standard output holds nothing but the address.
    var logger: Logger {
        var logger = Logger(label: "revela") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }

    /// What rights are used for; nil where nobody asked for it.
    func audit() throws -> AuditLog? {
        guard let auditLog else { return nil }
        do {
            return try AuditLog(path: auditLog, logger: logger)
        } catch {
            throw ValidationError("auditLog is \(auditLog), which cannot be written: \(error).")
        }
    }

    /// The defaults are a source like the others and the last one, so that a value which is there
    /// but cannot be read is an error and never silently replaced.
    private static func reader(_ flags: Flags) async throws -> ConfigReader {
        let environment = EnvironmentVariablesProvider()
        let variables = ConfigReader(provider: environment)
        let file = flags.config ?? variables.string(forKey: "revela.config")
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: flags.values),
            environment.prefixKeys(with: "revela"),
        ]
        if let file {
            let place = ConfigReader(
                provider: InMemoryProvider(values: [
                    ["filePath"]: .init(.string(file), isSecret: false)
                ]))
            providers.append(try await FileProvider<JSONSnapshot>(config: place))
        }
        providers.append(InMemoryProvider(name: "defaults", values: defaults))
        return ConfigReader(providers: providers)
    }

    private static var defaults: [AbsoluteConfigKey: ConfigValue] {
        [
            "host": "127.0.0.1", "port": 8080, "data": "data", "pages": "", "publicUrl": "",
            "trustedProxies": .init(.stringArray([]), isSecret: false), "open": false,
            "lab": false, "requireSandbox": false,
            "workers": .init(.int(ProcessInfo.processInfo.activeProcessorCount), isSecret: false),
            "worker": .init(.string(programFolder + "/revela-worker"), isSecret: false),
            "metricsToken": "", "metricsTokenFile": "",
            "maxFileBytes": .init(.int(Limits().fileBytes), isSecret: false),
            "maxAppendBytes": 0,
            "maxBatchImages": .init(.int(Limits().imagesPerBatch), isSecret: false),
            "ownerBytes": .init(.int(Limits().ownerBytes ?? 0), isSecret: false),
            "ownerBatches": .init(.int(Limits().ownerBatches ?? 0), isSecret: false),
            "ownerUploads": .init(.int(Limits().ownerUploads ?? 0), isSecret: false),
            "firstByteMinutes": 60,
            "batchesPerMinute": .init(.int(WebServer.Settings().batchesPerMinute), isSecret: false),
            "uploadsPerMinute": .init(.int(UploadSettings().perMinute), isSecret: false),
            "keepDays": 0,
            "strangerKeepDays": .init(
                .int(WebServer.Settings().strangerKeepDays ?? 0), isSecret: false),
            "heartbeatSeconds": .init(.int(WebServer.Settings().heartbeatSeconds), isSecret: false),
            "logLevel": "info", "auditLog": "",
        ]
    }

    /// The folder of the pages: the given one, or the first `Public` with pages in it on the way up
    /// from the program's own place, whatever the working directory.
    private static func pages(_ given: String) throws -> String {
        guard given.isEmpty else { return absolute(given) }
        var folder = URL(fileURLWithPath: programFolder)
        while folder.path != "/" {
            let pages = folder.appendingPathComponent("Public")
            let index = pages.appendingPathComponent("index.html").path
            if FileManager.default.fileExists(atPath: index) { return pages.path }
            folder.deleteLastPathComponent()
        }
        throw ValidationError("The pages were not found above \(programFolder): give --pages.")
    }

    /// From the environment or a file: what stands on the command line can be read by every user of
    /// the machine.
    private static func metricsToken(_ reader: ConfigReader) throws -> String? {
        let token = try reader.requiredString(forKey: "metricsToken", isSecret: true)
        let file = try reader.requiredString(forKey: "metricsTokenFile")
        guard !file.isEmpty else { return token.isEmpty ? nil : token }
        guard token.isEmpty else {
            throw ValidationError("metricsToken and metricsTokenFile are both set: keep one.")
        }
        let text: String
        do {
            text = try String(contentsOfFile: absolute(file), encoding: .utf8)
        } catch {
            throw ValidationError("metricsTokenFile is \(file), which cannot be read: \(error).")
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else {
            throw ValidationError("metricsTokenFile is \(file): it is empty.")
        }
        return secret
    }

    /// Until somebody can be given a right of their own, faults are made for who is at this machine alone.
    private static func requireLocal(_ web: WebServer.Settings) throws {
        guard web.makesFaults, !web.isLocal else { return }
        throw ValidationError(
            "lab is on, which makes faults on purpose for whoever asks: it needs a host of this machine alone, "
                + "such as 127.0.0.1, no publicUrl and no trustedProxies; host is \(web.host).")
    }

    private static func publicOrigin(_ reader: ConfigReader) throws -> String? {
        let given = try reader.requiredString(forKey: "publicUrl")
        return given.isEmpty ? nil : try origin(given, of: "publicUrl")
    }

    /// - Throws: a `ValidationError` for what is no origin of a web page.
    static func origin(_ given: String, of setting: String = "origin") throws -> String {
        guard let url = URL(string: given), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.host(), ["", "/"].contains(url.path)
        else {
            throw ValidationError("\(setting) is \(given); it must be an origin: https://host.")
        }
        return "\(scheme)://\(host.lowercased())" + (url.port.map { ":\($0)" } ?? "")
    }
}

extension ConfigReader {
    /// Nil for 0, which is any number.
    fileprivate func limit(_ key: String, upTo most: Int) throws -> Int? {
        let value = try number(key, in: 0...most)
        return value == 0 ? nil : value
    }

    fileprivate func number(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        let value = try requiredInt(forKey: ConfigKey([key]))
        guard range.contains(value) else {
            throw ValidationError(
                "\(key) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)."
            )
        }
        return value
    }
}

/// Where this program's executable lies, links resolved.
private var programFolder: String {
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    return URL(fileURLWithPath: program ?? CommandLine.arguments[0])
        .deletingLastPathComponent().path
}

func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
}
