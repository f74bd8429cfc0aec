// An image's size against the limits, before anything is decoded.

internal import Domain

extension ImageLimits {
    /// Throws the first limit that is passed, with its value and the actual one.
    func check(_ header: ImageHeader) throws(Problem) {
        let longer = max(header.width, header.height)
        let mostSide = header.mediaType == .jpeg ? jpegSide : side
        guard longer <= mostSide else {
            throw Problem(.sideTooLong, limit: mostSide, actual: longer)
        }
        let (area, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        let mostPixels = pixels(for: header)
        guard !overflow, area <= mostPixels else {
            throw Problem(.tooManyPixels, limit: mostPixels, actual: overflow ? Int.max : area)
        }
        guard let count = header.frames, count > 1 else { return }
        guard count <= frames else {
            throw Problem(.tooManyFrames, limit: frames, actual: count)
        }
        guard area <= animationPixels / count else {
            throw Problem(
                .tooManyPixels, "All frames together have too many pixels.",
                limit: animationPixels, actual: area * count)
        }
    }

    private func pixels(for header: ImageHeader) -> Int {
        if header.isInterlaced { return interlacedPixels }
        return header.mediaType == .jpeg ? baselinePixels : pixels
    }
}
