// The load generator of the benchmarks.
//
//   load streams   holds --count SSE streams, WebSockets or long polls, and answers questions on
//                  standard input about what came
//   load readers   --count readers of one batch, who resume whatever happens
//   load requests  sends requests at --rate for --seconds over --count connections
//   load uploads   sends files, --count at a time
//
// Every answer is one line of JSON on standard output.
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},  {"kind", required_argument, NULL, 'k'},
        {"count", required_argument, NULL, 'c'}, {"rate", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 's'}, {"paths", required_argument, NULL, 'f'},
        {"warm", required_argument, NULL, 'w'},  {"header", required_argument, NULL, 'H'},
        {"host", required_argument, NULL, 'h'},  {"after", required_argument, NULL, 'a'},
        {"every", required_argument, NULL, 'e'}, {"rest", required_argument, NULL, 'R'},
        {"wait", required_argument, NULL, 'W'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.kind = "", .count = 1, .rate = 1, .seconds = 1};
    int option;
    while ((option = getopt_long(count, arguments, "", names, NULL)) != -1) {
        switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 'k': options.kind = optarg; break;
        case 'c': options.count = atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'f': options.paths = optarg; break;
        case 'w': options.warm = optarg; break;
        case 'h': set_host(optarg); break;
        case 'a': options.after = atol(optarg); break;
        case 'e': options.every = atof(optarg); break;
        case 'W': options.wait = atof(optarg); break;
        case 'R': options.rest = atof(optarg); break;
        case 'H': {
            size_t used = strlen(options.headers);
            snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", optarg);
            break;
        }
        default: return 64;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *command = optind < count ? arguments[optind] : "";
    if (options.port == 0 || options.paths == NULL) fail("--port and --paths are needed");
    if (strcmp(command, "readers") == 0) return run_readers(&options);
    if (strcmp(command, "streams") == 0) return run_streams(&options);
    if (strcmp(command, "requests") == 0) return run_requests(&options);
    if (strcmp(command, "uploads") == 0) return run_uploads(&options);
    fprintf(stderr, "usage: load readers|streams|requests|uploads --port N --paths FILE …\n");
    return 64;
}
