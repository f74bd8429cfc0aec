// What `/metrics` tells of the parts that only the composition knows together.

import BlobStorage
import Domain
import Foundation
import Jobs
import SQLiteStore
import Synchronization
import Web

final class Instruments: Sendable {
    private let store: SQLiteStore
    private let blobs: FolderBlobStore
    private let pool: WorkerPool
    private let sniffers: WorkerPool
    private let runner: JobRunner
    private let events = Mutex<[EventType: Int]>([:])

    init(
        store: SQLiteStore, blobs: FolderBlobStore, pool: WorkerPool, sniffers: WorkerPool,
        runner: JobRunner
    ) {
        self.store = store
        self.blobs = blobs
        self.pool = pool
        self.sniffers = sniffers
        self.runner = runner
        store.observe { [weak self] commit in self?.count(commit) }
    }

    private func count(_ commit: Commit) {
        guard case .recorded(_, let new) = commit else { return }
        events.withLock { counts in
            for event in new { counts[event.type, default: 0] += 1 }
        }
    }

    func read() async throws -> [Metric] {
        try await jobs() + workers() + bytes() + [
            Metric(
                "revela_events_total", .counter, help: "Events recorded since the start.",
                by: "type",
                events.withLock { counts in
                    Dictionary(
                        uniqueKeysWithValues: EventType.allCases.map {
                            ($0.rawValue, Double(counts[$0] ?? 0))
                        })
                })
        ]
    }

    private func jobs() async throws -> [Metric] {
        let counts = try await store.jobCounts()
        let waiting = Job.Lane.allCases.map { ("\($0)", Double(counts[$0]?.waiting ?? 0)) }
        let gauges = runner.gauges
        return [
            Metric(
                "revela_jobs_waiting", help: "Photos that wait to be developed.", by: "lane",
                Dictionary(uniqueKeysWithValues: waiting)),
            Metric("revela_jobs_running", help: "Photos being developed.", Double(gauges.running)),
            Metric(
                "revela_queue_paused",
                help: "1 while no photo is begun: no room, no store or no worker.",
                gauges.isPaused ? 1 : 0),
            Metric(
                "revela_estimate_error_ratio",
                help: "Mean of |took - expected| / took of encodes that measure nothing.",
                gauges.estimateError),
        ]
    }

    private func workers() async -> [Metric] {
        workers(await pool.gauges, "worker", "Worker processes")
            + workers(await sniffers.gauges, "looking_worker", "Workers that look at uploads")
    }

    private func workers(
        _ gauges: WorkerPool.Gauges, _ name: String, _ who: String
    ) -> [Metric] {
        [
            Metric(
                "revela_\(name)s", help: "\(who).", by: "state",
                [
                    "idle": Double(gauges.idle), "busy": Double(gauges.busy),
                    "starting": Double(gauges.starting),
                ]),
            Metric(
                "revela_\(name)_trouble", help: "\(who): 1 while they fail to start.",
                gauges.trouble == nil ? 0 : 1),
            Metric(
                "revela_\(name)s_resident_bytes", help: "\(who): resident memory of all.",
                Double(gauges.resident)),
        ]
    }

    private func bytes() async throws -> [Metric] {
        [
            Metric(
                "revela_disk_free_bytes",
                help: "Bytes that can still be written to the data folder.",
                Double(try await blobs.freeBytes())),
            Metric(
                "process_resident_memory_bytes", help: "Resident memory of the server.",
                residentBytes().map(Double.init)),
        ]
    }

    /// By the second field of /proc/self/statm (proc(5)), in pages.
    private func residentBytes() -> Int? {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }
}
