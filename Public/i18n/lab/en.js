// @ts-check
/** The words of the comparing page alone, in English: other pages do not load them. */

export default {
    "lab.title": "Compare",
    "lab.lede":
        "One batch of photos, followed over several transports at the same time, from where you are. See when each of them hears what happened, and what that costs.",
    "lab.ways": "Transports to compare",
    "lab.way.polling5": "Polling every 5 s",
    "lab.way.polling5.text": "Polls every five seconds, as in most tutorials.",
    "lab.way.sse": "Server-Sent Events",
    "lab.way.sse.text": "One response that stays open.",
    "lab.way.websocket": "WebSocket",
    "lab.way.websocket.text": "One connection, both ways.",
    "lab.way.polling1": "Polling every second",
    "lab.way.polling1.text": "Polls five times as often.",
    "lab.way.adaptive": "Adaptive polling",
    "lab.way.adaptive.text": "Polls often while something moves.",
    "lab.way.long": "Long polling",
    "lab.way.long.text": "The answer waits for an update.",
    "lab.faults": "Faults on purpose",
    "lab.faults.text":
        "This server makes faults on purpose, on the connections of this run alone: one after the other, each when every transport has got over the last one. Photos go on being sent meanwhile.",
    "lab.faults.seconds": "Seconds each",
    "lab.fault.delay": "Delay and jitter",
    "lab.fault.delay.text": "Every byte comes 200 to 600 ms later.",
    "lab.fault.cut": "Cut every second",
    "lab.fault.cut.text": "No connection lives longer.",
    "lab.fault.hold": "Buffering proxy",
    "lab.fault.hold.text": "Answers are held until they are complete.",
    "lab.fault.bad-gateway": "502 Bad Gateway",
    "lab.fault.bad-gateway.text": "A proxy has lost its server.",
    "lab.fault.half-open": "Half-open connection",
    "lab.fault.half-open.text": "Nothing more arrives, and nothing closes.",
    "lab.fault.slow": "Slow reader",
    "lab.fault.slow.text": "1,000 bytes a second get through.",
    "lab.fault.outage": "Outage",
    "lab.fault.outage.text": "Everything is closed and refused.",
    "lab.start": "Start with sample photos",
    "lab.start.photos": "Start with your photos",
    "lab.stop": "Stop",
    "lab.about":
        "The sample is twelve small pictures, drawn here and sent one after the other; it takes about fifteen seconds. Each transport has a connection and a cursor of its own and shares nothing. The batch is deleted at the end.",
    "lab.none": "Choose at least one transport.",

    "lab.state.opening": "Comparing the two clocks, opening the connections…",
    "lab.state.sending": "Uploading photo {sent} of {total}…",
    "lab.state.fault":
        "Fault {number} of {count}: {fault}. It goes on when every transport has got over it…",
    "lab.state.waiting":
        "All photos are uploaded; waiting until every transport has heard of everything…",
    "lab.state.checking": "Reading the log itself, to check whether anything was missed…",
    "lab.state.settled":
        "Done after {time}: {count} events, and every transport was told all of them.",
    "lab.state.lossy":
        "Done after {time}: {count} events, and not every transport was told all of them, see below.",
    "lab.state.stopped": "Stopped after {time}. What was measured until then is below.",
    "lab.state.patience":
        "Given up after {time}: some transport had still not heard of everything, long after it happened.",
    "lab.state.refused":
        "Stopped after {time}: the server made no fault, perhaps because it runs without --lab now. What was measured until then is below.",
    "lab.state.unreachable":
        "The server could not be reached any more after {time}. What was measured until then is below, without the check against the log.",
    "lab.state.failed": "This run could not begin: {why}",

    "lab.picture": "When it happened, and when this page knew",
    "lab.picture.text":
        "Time runs to the right. The upper mark is an event, at the moment the server committed it; the lower mark is the moment it reached this page. The slant of the line between them is the delay.",
    "lab.legend.committed": "committed by the server",
    "lab.legend.reached": "reached this page",
    "lab.median": "half within",
    "lab.counters":
        "{events}\u00a0events · {lost}\u00a0lost · {repeated}\u00a0repeated · {reconnects}\u00a0reconnects",
    "lab.strip.label": "{way}: {events} events, half of them within {p50}, 99% within {p99}.",
    "lab.mark.hidden": "tab hidden",
    "lab.mark.offline": "no network",

    "lab.recovery": "Whole again after each fault",
    "lab.recovery.text":
        "From the end of the fault to the moment at which the page had heard of something newer and of everything before it. No transport can be sooner than the next event. The hatched bands above are the faults, by their numbers.",
    "lab.recovery.fault": "Fault",
    "lab.recovery.lasted": "Lasted",
    "lab.recovery.next": "Next event after",
    "lab.recovery.never": "not in this run",

    "lab.delays": "Delays, from the best to the worst",
    "lab.delays.text":
        "For each delay, the share of events that took no longer. The axis below is logarithmic: each step to the right is ten times as late. A steep line on the left is a transport one can rely on.",
    "lab.delays.label":
        "Distribution of the delays of each transport. The table below has the same figures.",
    "lab.uncertain": "cannot be told apart",
    "lab.requests": "Requests, cumulative",
    "lab.requests.text": "A stream is one request that stays open; each poll is one request.",
    "lab.requests.label":
        "Requests of each transport, added up over time. The table below has the same figures.",
    "lab.bytes": "Bytes, cumulative",
    "lab.bytes.label":
        "Bytes of each transport, added up over time. The table below has the same figures.",
    "lab.bytes.part": "Which bytes",
    "lab.bytes.all": "All",
    "lab.bytes.head-up": "Headers sent",
    "lab.bytes.payload-up": "Payload sent",
    "lab.bytes.head-down": "Headers received",
    "lab.bytes.payload-down": "Payload received",

    "lab.table": "All figures of this run",
    "lab.table.way": "Transport",
    "lab.table.events": "Events",
    "lab.table.lost": "Lost",
    "lab.table.repeated": "Repeated",
    "lab.table.reconnects": "Reconnects",
    "lab.table.p50": "Median",
    "lab.table.p95": "95% within",
    "lab.table.p99": "99% within",
    "lab.table.max": "Longest",
    "lab.table.requests": "Requests",
    "lab.table.head-up": "Headers sent",
    "lab.table.payload-up": "Payload sent",
    "lab.table.head-down": "Headers received",
    "lab.table.payload-down": "Payload received",
    "lab.table.waited": "Longest wait in the browser",
    "lab.table.turn": "Longest wait for its turn here",
    "lab.under": "under {time}",
    "lab.unit.ms": "{n} ms",
    "lab.unit.s": "{n} s",
    "lab.details": "Every event, one by one",
    "lab.details.event": "Event",
    "lab.details.committed": "Committed at",

    "lab.note.clock":
        "The server’s clock is {offset} ahead of this browser’s, give or take {uncertainty}, by {count} measurements. No delay below that is claimed.",
    "lab.note.clock.behind":
        "The server’s clock is {offset} behind this browser’s, give or take {uncertainty}, by {count} measurements. No delay below that is claimed.",
    "lab.note.clock.moved":
        "One of the two clocks moved during the run: no single difference explains all answers. Delays are off by up to {uncertainty}.",
    "lab.note.clock.none":
        "The server’s clock could not be read, so no delay can be told: the server was asked and did not answer.",
    "lab.note.protocol":
        "{protocol} between this browser and whatever answers it. Headers that the browser adds to a request cannot be seen by a page and are worked out; all else is counted.",
    "lab.note.waited":
        "A request waited up to {time} in the browser before it was put on a connection. With HTTP/1.1 all tabs together have six connections to a server; this page leaves room, so other tabs that hold connections to it are the likely reason. Close them and repeat.",
    "lab.note.hidden":
        "This tab was hidden for {time}: browsers slow the timers of hidden tabs down, and polls with them. The hatched time says nothing about the transports.",
    "lab.note.offline": "The browser had no network for {time}.",
    "lab.note.faults":
        "{count} faults were made on purpose: the delays, requests and bytes of this run include what they cost.",
    "lab.note.unheard": "{way} had not yet heard of {count} events when the run was stopped.",
    "lab.note.compressed":
        "Something between compresses the answers: payload is counted as it is after unpacking.",
    "lab.note.unchecked":
        "“Lost” is counted against what any of the transports heard, for the log itself could not be read at the end.",

    "lab.runs": "Runs",
    "lab.runs.shown": "Shown",
    "lab.runs.beside": "Beside it",
    "lab.runs.none": "None",
    "lab.run.name": "Run {number}, {when}",
    "lab.run.file": "File, {when}",
    "lab.repeat": "Repeat",
    "lab.export.json": "Save as JSON",
    "lab.export.csv": "Save as CSV",
    "lab.import": "Load a run",
    "lab.import.bad": "This file is no run of this page, or one of another version.",
    "lab.imported": "Loaded. It was measured by: {browser}",
    "lab.print": "Print",
    "lab.beside": "Two runs side by side",
    "lab.beside.first": "shown",
    "lab.beside.second": "beside it",

    "lab.advice.title": "Conclusion",
    "lab.advice.one":
        "Take {way}: half of the events were here within {p50} and 95% within {p95}, for {count} request and {bytes}.",
    "lab.advice.other":
        "Take {way}: half of the events were here within {p50} and 95% within {p95}, for {count} requests and {bytes}.",
    "lab.advice.faults": "No transport is recommended by a run with faults on purpose.",
    "lab.advice.faults.text":
        "What it shows is how soon each was whole again, in the table above. Repeat it without faults for a recommendation.",
    "lab.advice.sse":
        "WebSocket was no quicker by anything a person would notice, and this is plain HTTP: proxies, logs and curl understand it. Take WebSocket if you also want to send commands over the same connection.",
    "lab.advice.sse-alone":
        "It is plain HTTP that proxies, logs and curl understand, and nothing here holds it back.",
    "lab.advice.websocket":
        "Server-Sent Events came later here: something on the way holds them back, or cuts them. A WebSocket passes.",
    "lab.advice.websocket-alone":
        "Nothing here holds it back. Add Server-Sent Events to the comparison: they are usually as quick, and plain HTTP.",
    "lab.advice.held-back":
        "Lasting connections were slow or were cut on this route. This transport needs none that lasts.",
    "lab.advice.polled":
        "Of the transports that were compared it was the quickest that told everything. Add Server-Sent Events to the comparison: if they pass, they are quicker and cost less.",
    "lab.advice.polling":
        "Polling every five seconds told half of the same events only after {p50}, and the last after {max}; it polls {count} times a minute, whether or not there is anything to tell.",
    "lab.advice.polling.computed":
        "Polling every five seconds would have told half of the same events only after {p50}, and the last after {max}; it would poll {count} times a minute, whether or not there is anything to tell.",
    "lab.crowd.title": "And with many readers?",
    "lab.crowd.readers": "Readers at the same time",
    "lab.crowd.requests": "Requests, as in this run",
    "lab.crowd.traffic": "Data, as in this run",
    "lab.crowd.work": "Processor, at work",
    "lab.crowd.rest": "Processor, at rest",
    "lab.crowd.a-second": "{n} a second",
    "lab.crowd.once": "one each, when it begins",
    "lab.crowd.cores": "{n} cores",
    "lab.crowd.note":
        "Requests and data are those of this run, times the readers. The processor’s share is not measured here: it is what scripts/bench transports found on {when} on a virtual machine with two cores, with ten events a second (at work) and with none (at rest).",
    "lab.article.title": "The usual table, with the numbers of this run",
    "lab.article.aspect": "Aspect",
    "lab.article.polling": "Polling",
    "lab.article.sse": "Server-Sent Events",
    "lab.article.websocket": "WebSocket",
    "lab.article.connection": "Connection",
    "lab.article.connection.polling": "Requests again and again.",
    "lab.article.connection.sse":
        "One response that stays open; one of the six connections of HTTP/1.1.",
    "lab.article.connection.websocket": "One connection that stays open, beside those six.",
    "lab.article.direction": "Direction",
    "lab.article.direction.polling": "Requests go up, updates come down.",
    "lab.article.direction.sse": "Down. Commands go as requests of their own.",
    "lab.article.direction.websocket": "Both, over the same connection.",
    "lab.article.complexity": "Complexity",
    "lab.article.lines":
        "{page} lines in this page, {server} in this server, beside what all share.",
    "lab.article.browsers": "Browsers",
    "lab.article.browsers.polling": "All.",
    "lab.article.browsers.sse": "All current ones, since 2020.",
    "lab.article.browsers.websocket": "All current ones.",
    "lab.article.latency": "Latency",
    "lab.article.delays": "Half within {p50}, 99% within {p99}.",
    "lab.article.absent": "Not in this run.",
    "lab.article.resources": "Resources",
    "lab.article.cost.one": "{count} request; {heads} of headers for {payload} of updates.",
    "lab.article.cost.other": "{count} requests; {heads} of headers for {payload} of updates.",
    "lab.article.reconnecting": "Reconnecting",
    "lab.article.reconnecting.polling": "The next poll is the reconnection.",
    "lab.article.reconnecting.sse":
        "By the browser itself, until a proxy answers 502: then it gives up for good.",
    "lab.article.reconnecting.websocket": "By logic of one’s own.",
    "lab.article.ideal": "Ideal for",
    "lab.article.ideal.polling": "Rare updates, and a fixed budget of requests.",
    "lab.article.ideal.sse": "Updates from the server: progress, notifications, feeds.",
    "lab.article.ideal.websocket":
        "Commands and updates over one connection: games, chats, editing together.",
    "lab.article.format": "Format",
    "lab.article.format.polling": "Anything; here JSON.",
    "lab.article.format.sse": "Text; here JSON.",
    "lab.article.format.websocket": "Text or binary; here JSON.",

    "lab.route.title": "What lies between",
    "lab.route.text":
        "Asks how whatever is between this browser and the server treats streams, sockets, large bodies and silence. It sends up to 130 MB of nothing and deletes it, and takes about two and a half minutes, most of them silence; you may stop, and what was found until then is kept.",
    "lab.route.start": "Test the connection",
    "lab.route.stop": "Stop",
    "lab.route.step.protocol": "Looking at the headers…",
    "lab.route.step.sse": "Trying Server-Sent Events…",
    "lab.route.step.websocket": "Trying a WebSocket…",
    "lab.route.step.body": "Sending ever larger bodies…",
    "lab.route.step.silence": "Waiting in silence: {seconds} of {longest} seconds…",
    "lab.route.verdict.all": "Everything passes: any transport works here.",
    "lab.route.verdict.sse": "Take Server-Sent Events here: a WebSocket does not pass.",
    "lab.route.verdict.websocket":
        "Take a WebSocket here: Server-Sent Events do not pass as they should.",
    "lab.route.verdict.polling":
        "Take long polling or adaptive polling here: nothing that lasts gets through as it should.",
    "lab.route.verdict.foreign":
        "Photos cannot be sent this way, whatever one follows them by: something does not hand the address of this page on.",
    "lab.route.foreign":
        "The server takes this page for a foreign one and lets it change nothing, so streams and bodies could not be tried. Let the proxy hand the Host field on (nginx: proxy_set_header Host $http_host), or tell the server its address by --public-url.",
    "lab.route.protocol.http1": "HTTP/1.1: all tabs together have six connections to this server.",
    "lab.route.protocol.newer":
        "{protocol}: requests share a connection, and six tabs are no limit.",
    "lab.route.sse.passes": "Server-Sent Events arrive unbuffered: updates came after {time}.",
    "lab.route.sse.late":
        "Server-Sent Events open, and updates are held back: something buffers them.",
    "lab.route.sse.refused": "Server-Sent Events are refused.",
    "lab.route.sse.mute":
        "Server-Sent Events open and stay mute: something buffers the whole answer.",
    "lab.route.websocket.passes": "A WebSocket opens: updates came after {time}.",
    "lab.route.websocket.late": "A WebSocket opens, and updates are held back.",
    "lab.route.websocket.refused": "A WebSocket is refused: the upgrade does not get through.",
    "lab.route.websocket.mute": "A WebSocket opens and stays mute.",
    "lab.route.body.open": "Bodies of {passed} pass; larger ones were not tried.",
    "lab.route.body.limit": "Bodies of {passed} pass; one of {next} did not: {answer}.",
    "lab.route.body.none": "Not even a body of 1 MiB passes: {answer}.",
    "lab.route.body.silent": "no answer",
    "lab.route.silence.whole":
        "A connection on which nothing is said lives for two minutes at least.",
    "lab.route.silence.stopped":
        "A connection on which nothing is said lived for {lasted}; then the waiting was stopped.",
    "lab.route.silence.cut": "A connection on which nothing is said is cut after {lasted}.",
    "lab.route.silence.outlived":
        "A connection on which nothing is said is cut after {lasted}. Streams outlive that: this server says something every {heartbeat}.",
    "lab.route.silence.short":
        "A connection on which nothing is said is cut after {lasted}, and this server says something only every {heartbeat}: streams are cut again and again. Let it speak more often (--heartbeat-seconds).",
    "lab.route.silence.skipped": "Silence was not tried.",
    "lab.route.compressed":
        "Something compresses the answers: streams may be held back until a block is full.",
    "lab.route.uncompressed": "Nothing compresses the answers.",
    "lab.route.report": "As text",
    "lab.route.copy": "Copy",
    "lab.route.copied": "Copied",
    "lab.route.by-hand": "Press Ctrl+C",
};
