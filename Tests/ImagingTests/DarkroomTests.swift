// Everything that runs libvips, one after another: a worker has one job at a time, and so do its
// tests.

import Testing

@Suite(.serialized) enum DarkroomTests {}
