import Domain
import NIOCore
import Testing
import Web

@Suite("Polling", .timeLimit(.minutes(5)))
struct PollingTests {
    @Test("answers with the cursor, the events, what is live and the state")
    func answer() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            fixture.feed.show(Live(received: 2), of: image.id, in: fixture.batch.id)
            let answer = try await withWire(fixture) {
                try await $0.get("\(fixture.path)?after=\(fixture.cursor(1))")
            }
            let body = try answer.json()
            #expect(answer.status == 200)
            #expect(answer.headers["vary"] == "Accept")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(body["cursor"]?.stringValue == fixture.cursor(2))
            #expect(body["state"]?.stringValue == "open")
            #expect(body["live"] == [image.id.rawValue: ["received": 2]])
            #expect(body["pollAfterMs"]?.intValue == 250)
            #expect(try isNow(body["at"]?.stringValue))
            #expect(body["more"] == nil)
        }
    }

    @Test("has nothing to say to one who knows: 304, also for what is live")
    func unchanged() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            let path = "\(fixture.path)?after=\(fixture.cursor(2))"
            try await withWire(fixture) { wire in
                let first = try await wire.get(path)
                let tag = try #require(first.headers["etag"])
                let known = ["If-None-Match": "\"other\", W/\(tag)"]
                #expect(try await wire.get(path, known).status == 304)

                fixture.feed.show(Live(received: 1), of: image.id, in: fixture.batch.id)
                let moved = try await wire.get(path, known)
                #expect(moved.status == 200)
                #expect(moved.headers["etag"] != tag)

                try await fixture.record(.cancelled, of: image)
                #expect(try await wire.get(path, known).status == 200)
            }
        }
    }

    @Test("never hides events behind a tag")
    func tagOfAnotherPosition() async throws {
        try await withDarkroom { fixture in
            try await fixture.addImage()
            try await withWire(fixture) { wire in
                let path = "\(fixture.path)?after=\(fixture.cursor(1))"
                let tag = try #require(try await wire.get(path).headers["etag"])
                let again = try await wire.get(path, ["If-None-Match": tag])
                #expect(again.status == 200)
                let reset = try await wire.get(fixture.path, ["If-None-Match": tag])
                #expect(try reset.json()["reset"] != nil)
            }
        }
    }

    @Test("has a tag of its own for a whole document, and says 304 to who holds just that")
    func tagOfTheWhole() async throws {
        try await withDarkroom { fixture in
            try await fixture.addImage()
            try await withWire(fixture) { wire in
                let tag = try #require(try await wire.get(fixture.path).headers["etag"])
                #expect(try await wire.get(fixture.path, ["If-None-Match": tag]).status == 304)
                try await fixture.addImage()
                let next = try await wire.get(fixture.path, ["If-None-Match": tag])
                #expect(next.status == 200 && next.headers["etag"] != tag)
            }
        }
    }

    @Test("is not answered where it wants what is not here any more: 412")
    func precondition() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let tag = try #require(try await wire.get(fixture.path).headers["etag"])
                for (wanted, status) in [(tag, 200), ("*", 200), ("\"other\"", 412)] {
                    let answer = try await wire.get(fixture.path, ["If-Match": wanted])
                    #expect(answer.status == status)
                }
            }
        }
    }

    @Test("says that there is more where a page is full")
    func pages() async throws {
        try await withDarkroom { fixture in
            try await fixture.addImages(ChangeFeed.pageSize)
            let body = try await withWire(fixture) {
                try await $0.get("\(fixture.path)?after=\(fixture.cursor(0))").json()
            }
            #expect(body["more"] == true)
            #expect(body["cursor"]?.stringValue == fixture.cursor(ChangeFeed.pageSize))
        }
    }
}

@Suite("A long poll", .timeLimit(.minutes(5)))
struct LongPollTests {
    @Test("is answered by the next event")
    func woken() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
                try await fixture.untilSomebodyIsSubscribed()
                try await fixture.addImage()
                let body = try await wire.answer().json()
                #expect(body["cursor"]?.stringValue == fixture.cursor(2))
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("is answered when something moves")
    func wokenByLive() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await withWire(fixture) { wire in
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(2))&wait=50")
                try await fixture.untilSomebodyIsSubscribed()
                fixture.feed.show(Live(received: 1), of: image.id, in: fixture.batch.id)
                let body = try await wire.answer().json()
                #expect(body["live"] == [image.id.rawValue: ["received": 1]])
                #expect(body["events"] == [])
            }
        }
    }

    @Test("is not answered by live values sooner than a stream tells them")
    func liveIsBounded() async throws {
        try await withDarkroom({ $0.timing.live = .hours(1) }) { fixture in
            let image = try await fixture.addImage()
            fixture.feed.show(Live(received: 1), of: image.id, in: fixture.batch.id)
            try await withWire(fixture) { wire in
                let path = "\(fixture.path)?after=\(fixture.cursor(2))&wait=50"
                try await wire.request("GET", path, ["If-None-Match": "\"old\""])
                try await fixture.untilSomebodyIsSubscribed()
                fixture.feed.show(Live(received: 2), of: image.id, in: fixture.batch.id)
                try await fixture.addImage()
                let body = try await wire.answer().json()
                #expect(body["cursor"]?.stringValue == fixture.cursor(3))
                #expect(body["live"] == [image.id.rawValue: ["received": 2]])
            }
        }
    }

    @Test(
        "ends with the ordinary answer, or with 304 for one who knows", arguments: ["0.05", "1e9"])
    func timesOut(wait: String) async throws {
        try await withDarkroom({ $0.timing.longestWait = .milliseconds(50) }) { fixture in
            let path = "\(fixture.path)?after=\(fixture.cursor(1))&wait=\(wait)"
            try await withWire(fixture) { wire in
                let first = try await wire.get(path)
                #expect(first.status == 200)
                #expect(try first.json()["events"] == [])
                let tag = try #require(first.headers["etag"])
                #expect(try await wire.get(path, ["If-None-Match": tag]).status == 304)
            }
        }
    }

    @Test("does not wait where there is news already")
    func atOnce() async throws {
        try await withDarkroom { fixture in
            try await fixture.addImage()
            let answer = try await withWire(fixture) {
                try await $0.get("\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
            }
            #expect(try answer.json()["cursor"]?.stringValue == fixture.cursor(2))
        }
    }

    @Test("ends when its client leaves")
    func abandoned() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
                try await fixture.untilSomebodyIsSubscribed()
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("tells that its batch was deleted")
    func deleted() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
                try await fixture.untilSomebodyIsSubscribed()
                try await fixture.store.deleteBatch(fixture.batch.id)
                #expect(try await wire.answer().status == 410)
            }
        }
    }
}
