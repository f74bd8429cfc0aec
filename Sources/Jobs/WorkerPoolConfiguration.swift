/// How many workers, and what each may use.
package struct WorkerPoolConfiguration: Sendable {
    /// The path of `revela-worker`.
    package var executable: String
    /// How many jobs run at once.
    package var jobs: Int
    /// Fresh workers kept in reserve.
    package var spares = 1
    /// What its workers leave to others: the nice value, 0 to 19.
    package var niceness = 10
    /// Whether workers are copies of a template, once there is one.
    package var copies = false
    /// CPU time of one job.
    package var cpuLimit = 20
    /// Bytes that one job may write, all its renditions together.
    package var outputLimit = 512 << 20
    /// Time on the clock of one job, for one that hangs without using CPU.
    package var timeLimit = Duration.seconds(120)
    /// Time on the clock until a worker must have said that it is ready.
    package var startLimit = Duration.seconds(30)
    /// A worker with more resident memory than this after a job is replaced.
    package var residentLimit = 300 << 20

    package init(executable: String, jobs: Int) {
        self.executable = executable
        self.jobs = jobs
    }
}
