// What the kernel says of memory, and what follows from it for photos. The files are the test's own.

import Domain
import Testing

@testable import Jobs

@Suite("Memory for photos")
struct MachineMemoryTests {
    private static let mebibyte = 1 << 20
    private static let machine = """
        MemTotal:       16384000 kB
        MemFree:          100000 kB
        MemAvailable:    8192000 kB
        """

    private func memory(_ files: [String: String]) -> MachineMemory {
        let files = files.merging(["/proc/meminfo": Self.machine]) { own, _ in own }
        return MachineMemory { files[$0] }
    }

    @Test("is the machine's where no group limits it, or the group says max")
    func machine() {
        for files in [
            [:], ["/proc/self/cgroup": "0::/\n"],
            ["/proc/self/cgroup": "0::/app\n", "/sys/fs/cgroup/app/memory.max": "max\n"],
            // The first version's way to say that there is no limit.
            [
                "/proc/self/cgroup": "4:memory:/\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ],
        ] {
            #expect(memory(files).total == 16_384_000 * 1_024)
            #expect(memory(files).available == 8_192_000 * 1_024)
        }
        #expect(MachineMemory { _ in nil }.total == nil)
        #expect(MachineMemory { _ in nil }.available == nil)
        #expect(MachineMemory { _ in "9223372036854775807:-1\n\nMemTotal: x kB" }.total == nil)
        let huge = MachineMemory {
            $0 == "/proc/meminfo" ? "MemTotal: 9223372036854775807 kB" : nil
        }
        #expect(huge.total == .max)
    }

    @Test("is the group's limit and what is left of it, without the cache that can be had back")
    func secondVersion() {
        let memory = memory([
            "/proc/self/cgroup": "0::/system.slice/revela.service\n",
            "/sys/fs/cgroup/system.slice/revela.service/memory.max": "536870912\n",
            "/sys/fs/cgroup/system.slice/revela.service/memory.current": "419430400\n",
            "/sys/fs/cgroup/system.slice/revela.service/memory.stat":
                "anon 1\nfile 2\ninactive_file 104857600\nactive_file 3\n",
        ])
        #expect(memory.total == 512 * Self.mebibyte)
        #expect(memory.available == 212 * Self.mebibyte)
    }

    @Test("is limited by groups above its own, too")
    func nested() {
        let memory = memory([
            "/proc/self/cgroup": "0::/a/b\n",
            "/sys/fs/cgroup/a/memory.max": "268435456",
            "/sys/fs/cgroup/a/memory.current": "1048576",
            "/sys/fs/cgroup/a/b/memory.max": "max",
        ])
        #expect(memory.total == 256 * Self.mebibyte)
        #expect(memory.available == 255 * Self.mebibyte)
    }

    @Test("is told by the first version of groups, in a container whose path is the host's")
    func firstVersion() {
        let memory = memory([
            "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/1234\n0::/\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "419430400\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "524288000\n",
            "/sys/fs/cgroup/memory/memory.stat": "inactive_file 7\ntotal_inactive_file 0\n",
        ])
        #expect(memory.total == 400 * Self.mebibyte)
        #expect(memory.available == 0)
    }

    @Test(
        "decides how many photos are developed at once, and never that none is",
        arguments: [(256, 1), (400, 1), (512, 1), (768, 2), (1_024, 3), (2_048, 4), (16_384, 4)])
    func jobs(_ mebibytes: Int, _ jobs: Int) {
        let share = MemoryShare(of: mebibytes * Self.mebibyte, wanted: 4, most: 1_500_000_000)
        #expect(share.jobs == jobs)
    }

    @Test("decides which sizes are taken")
    func sizes() {
        func most(_ mebibytes: Int?) -> Int {
            MemoryShare(
                of: mebibytes.map { $0 * Self.mebibyte }, wanted: 4, most: 1_500_000_000
            ).mostPhoto
        }
        #expect(most(512) == 352 * Self.mebibyte)
        #expect(most(100) == 64 * Self.mebibyte)
        #expect(most(8_192) == 1_500_000_000 && most(nil) == 1_500_000_000)
    }

    @Test("another photo is begun only where memory for it could be had just now")
    func beside() {
        #expect(MemoryShare.hasRoom(nil) && MemoryShare.hasRoom(256 * Self.mebibyte))
        #expect(!MemoryShare.hasRoom(255 * Self.mebibyte) && !MemoryShare.hasRoom(0))
    }
}
