// Which red, green and blue a picture mixes, and the matrices between them.

struct Chromaticity: Hashable, Sendable {
    let x: Double
    let y: Double

    fileprivate var xyz: [Double] { [x / y, 1, (1 - x - y) / y] }
}

struct Primaries: Hashable, Sendable {
    let white: Chromaticity
    let red: Chromaticity
    let green: Chromaticity
    let blue: Chromaticity

    init(white: Chromaticity, red: Chromaticity, green: Chromaticity, blue: Chromaticity) {
        self.white = white
        self.red = red
        self.green = green
        self.blue = blue
    }

    private init(_ numbers: [Double]) {
        func point(_ index: Int) -> Chromaticity {
            Chromaticity(x: numbers[index], y: numbers[index + 1])
        }
        self.init(white: point(6), red: point(0), green: point(2), blue: point(4))
    }

    private static let d65 = [0.3127, 0.3290]
    static let sRGB = Primaries([0.64, 0.33, 0.30, 0.60, 0.15, 0.06] + d65)
    static let bt2020 = Primaries([0.708, 0.292, 0.170, 0.797, 0.131, 0.046] + d65)

    /// ITU-T H.273, table 2; nil for those that say nothing.
    init?(codePoint: Int) {
        switch codePoint {
        case 1: self = .sRGB
        case 4: self.init([0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316])
        case 5: self.init([0.64, 0.33, 0.29, 0.60, 0.15, 0.06] + Self.d65)
        case 6, 7: self.init([0.630, 0.340, 0.310, 0.595, 0.155, 0.070] + Self.d65)
        case 8: self.init([0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316])
        case 9: self = .bt2020
        case 10: self.init([1, 0, 0, 1, 0, 0, 1.0 / 3, 1.0 / 3])
        case 11: self.init([0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351])
        case 12: self.init([0.680, 0.320, 0.265, 0.690, 0.150, 0.060] + Self.d65)
        case 22: self.init([0.630, 0.340, 0.295, 0.605, 0.155, 0.077] + Self.d65)
        default: return nil
        }
    }

    /// From amounts of the three to XYZ, where all of them are white; nil where they span nothing.
    var matrix: Matrix? {
        let points = [red, green, blue]
        guard white.y > 0, [white, red, green, blue].allSatisfy({ $0.x + $0.y <= 1.000_01 }) else {
            return nil
        }
        let columns = Matrix(rows: [
            points.map(\.x), points.map(\.y), points.map { 1 - $0.x - $0.y },
        ])
        guard let amounts = columns.inverted?.applied(to: white.xyz), amounts.allSatisfy({ $0 > 0 })
        else { return nil }
        return columns.times(Matrix(diagonal: amounts))
    }

    /// To amounts of other primaries. White stays white: by Bradford (ICC.1:2022, annex E).
    func matrix(to other: Primaries) -> Matrix? {
        let bradford = Matrix(rows: [
            [0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296],
        ])
        let before = bradford.applied(to: white.xyz)
        let after = bradford.applied(to: other.white.xyz)
        guard before.allSatisfy({ $0 > 0 }), let own = matrix, let back = bradford.inverted,
            let target = other.matrix?.inverted
        else { return nil }
        let adaption = back.times(Matrix(diagonal: zip(after, before).map { $0 / $1 }))
            .times(bradford)
        return target.times(adaption).times(own)
    }
}

/// Three rows of three.
struct Matrix: Hashable, Sendable {
    let rows: [[Double]]

    init(rows: [[Double]]) {
        self.rows = rows
    }

    init(diagonal: [Double]) {
        rows = (0..<3).map { row in (0..<3).map { $0 == row ? diagonal[row] : 0 } }
    }

    func applied(to vector: [Double]) -> [Double] {
        rows.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    func times(_ other: Matrix) -> Matrix {
        let columns = (0..<3).map { column in applied(to: other.rows.map { $0[column] }) }
        return Matrix(rows: (0..<3).map { row in columns.map { $0[row] } })
    }

    /// By cofactors; nil where there is none.
    var inverted: Matrix? {
        func cofactor(_ row: Int, _ column: Int) -> Double {
            let (a, b) = ((row + 1) % 3, (row + 2) % 3)
            let (c, d) = ((column + 1) % 3, (column + 2) % 3)
            return rows[a][c] * rows[b][d] - rows[a][d] * rows[b][c]
        }
        let determinant = (0..<3).reduce(0) { $0 + rows[0][$1] * cofactor(0, $1) }
        guard abs(determinant) > 1e-9 else { return nil }
        return Matrix(
            rows: (0..<3).map { row in (0..<3).map { cofactor($0, row) / determinant } })
    }
}
