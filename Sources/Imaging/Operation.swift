// One libvips operation, by name: every operation is callable without a wrapper of its own.

internal import CVips

/// An operation being set up. Running it uses it up.
struct Operation: ~Copyable {
    enum Argument {
        case number(Double)
        /// Any type by its text: enums by nickname.
        case text(String)
        case object(GObjectReference)
        case numbers([Double])
    }

    private let pointer: UnsafeMutablePointer<VipsOperation>

    init(_ name: String) throws(VipsFailure) {
        guard let pointer = vips_operation_new(name) else { throw .taken() }
        self.pointer = pointer
    }

    func set(_ arguments: KeyValuePairs<String, Argument>) throws(VipsFailure) {
        for (name, argument) in arguments { try set(name, argument) }
    }

    func set(_ name: String, _ argument: Argument) throws(VipsFailure) {
        let status =
            switch argument {
            case .number(let number): cvips_set_number(pointer, name, number)
            case .text(let text): cvips_set_text(pointer, name, text)
            case .object(let object): cvips_set_object(pointer, name, object.pointer)
            case .numbers(let numbers):
                cvips_set_numbers(pointer, name, numbers, Int32(numbers.count))
            }
        guard status == 0 else { throw VipsFailure(message: "no such argument or value: \(name)") }
    }

    deinit {
        cvips_end(pointer)
    }

    consuming func run() throws(VipsFailure) {
        guard cvips_build(pointer) == 0 else { throw .taken() }
    }

    consuming func image(_ output: String = "out") throws(VipsFailure) -> Raster {
        guard cvips_build(pointer) == 0, let image = cvips_output(pointer, output) else {
            throw .taken()
        }
        return Raster(owning: UnsafeMutableRawPointer(image))
    }
}

extension Operation.Argument: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral
{
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .number(value ? 1 : 0) }
}
