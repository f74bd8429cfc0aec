// What a recipe of one's own may ask for, and what is said of one that asks for too much.

import Domain
import Testing

@Suite struct RecipeTests {
    private static func read(_ text: String) throws -> Recipe {
        try Recipe(reading: JSON(parsing: text))
    }

    private static func one(_ members: String) -> String {
        "{\"renditions\":[{\"name\":\"only\",\(members)}]}"
    }

    @Test func aNameIsOneOfTheNamedOnes() throws {
        for (name, recipe) in Recipe.named { #expect(try Self.read("\"\(name)\"") == recipe) }
    }

    @Test func everyNamedRecipeKeepsTheLimits() throws {
        for recipe in Recipe.named.values { try RecipeLimits().check(recipe) }
    }

    @Test func aWholeRecipeIsReadAsItIsWritten() throws {
        let recipe = try Self.read(
            """
            {"name":"shop","renditions":[
              {"name":"tile","width":400,"height":300,"fit":"smart","format":"image/jpeg",
               "quality":70,"metadata":"copyright","background":"#ff8000","enlarge":true},
              {"name":"wide","width":1600,"animated":false},
              {"name":"any","longerSide":900}]}
            """)
        #expect(
            recipe
                == Recipe(
                    name: "shop",
                    renditions: [
                        RenditionSpec(
                            name: "tile", width: 400, height: 300, fit: .smart, format: .jpeg,
                            quality: 70, metadata: .copyright, background: "#ff8000",
                            enlarge: true),
                        RenditionSpec(name: "wide", width: 1600, height: nil, animated: false),
                        RenditionSpec(name: "any", longerSide: 900),
                    ]))
    }

    @Test func whatIsStoredIsReadBack() throws {
        for recipe in Recipe.named.values {
            #expect(try JSON(encoding: recipe).decoded(as: Recipe.self) == recipe)
            #expect(try Recipe(reading: JSON(encoding: recipe)) == recipe)
        }
    }

    @Test(arguments: [
        ("7", "A recipe is a name or an object."),
        ("\"nonsense\"", "There is no recipe of that name; there are: archive, avif, social, web."),
        ("{}", "renditions must be a list."),
        ("{\"renditions\":[7]}", "renditions[0] must be an object."),
        ("{\"renditions\":[{\"width\":7}]}", "renditions[0].name is missing."),
        ("{\"name\":7,\"renditions\":[]}", "name must be text."),
        ("{\"renditions\":[],\"colour\":1}", "colour is no field of a recipe."),
        (one("\"width\":\"7\""), "renditions[0].width must be a whole number."),
        (one("\"width\":7.5"), "renditions[0].width must be a whole number."),
        (one("\"width\":7,\"enlarge\":1"), "renditions[0].enlarge must be true or false."),
        (
            one("\"width\":7,\"fit\":\"fill\""),
            "renditions[0].fit must be one of inside, cover, smart."
        ),
        (
            one("\"width\":7,\"format\":\"image/heic\""),
            "renditions[0].format must be one of image/webp, image/jpeg, image/avif, image/png, "
                + "image/jxl, image/gif."
        ),
        (one("\"width\":7,\"size\":7"), "renditions[0].size is no field of a recipe."),
        (one("\"quality\":7"), "renditions[0] needs a width, a height or a longerSide."),
        (
            one("\"width\":7,\"longerSide\":7"),
            "renditions[0].longerSide stands for a width and a height of its own."
        ),
        (
            one("\"width\":7,\"fit\":\"cover\""),
            "renditions[0] needs a width and a height for cover."
        ),
        (
            one("\"width\":7,\"background\":\"red\""),
            "renditions[0].background must be a colour such as #ffffff."
        ),
        (
            one("\"width\":7,\"format\":\"image/jxl\",\"metadata\":\"keep\""),
            "renditions[0].metadata must be strip: image/jxl carries none here."
        ),
        (
            "{\"renditions\":[{\"name\":\"a\",\"width\":7},{\"name\":\"a\",\"width\":8}]}",
            "Two renditions are called a."
        ),
    ])
    func saysWhatIsWrong(_ text: String, _ sentence: String) throws {
        let problem = #expect(throws: Problem.self) { try Self.read(text) }
        #expect(problem?.code == .invalidRecipe)
        #expect(problem?.detail == sentence)
    }

    @Test(arguments: [
        (one("\"width\":0"), 1, 0), (one("\"width\":16384"), 16_383, 16_384),
        (one("\"height\":-7"), 1, -7),
        (one("\"width\":7,\"quality\":0"), 1, 0), (one("\"width\":7,\"quality\":101"), 100, 101),
        ("{\"renditions\":[]}", 16, 0),
        ("{\"name\":\"\",\"renditions\":[]}", 32, 0),
        (one("\"longerSide\":4096,\"format\":\"image/avif\""), 12_000, 15_100),
    ])
    func saysTheLimitAndTheActualValue(_ text: String, _ limit: Int, _ actual: Int) throws {
        let problem = #expect(throws: Problem.self) { try Self.read(text) }
        #expect(problem?.code == .invalidRecipe)
        #expect(problem?.limit == limit)
        #expect(problem?.actual == actual)
    }

    @Test(arguments: ["", "../up", "Thumb", "a b", "-a", "é", String(repeating: "a", count: 33)])
    func refusesNamesThatAreNoPartOfAPath(_ name: String) throws {
        let recipe = Recipe(name: "mine", renditions: [RenditionSpec(name: name, longerSide: 9)])
        #expect(throws: Problem.self) { try RecipeLimits().check(recipe) }
    }

    @Test func refusesOneRenditionTooMany() throws {
        func recipe(_ count: Int) -> Recipe {
            Recipe(
                name: "many",
                renditions: (0..<count).map { RenditionSpec(name: "r\($0)", longerSide: 9) })
        }
        try RecipeLimits().check(recipe(16))
        #expect(throws: Problem.self) { try RecipeLimits().check(recipe(17)) }
    }

    @Test func aColourIsSixDigits() {
        #expect(RGB("#0a80ff") == RGB(red: 10, green: 128, blue: 255))
        #expect(RGB("#0A80FF")?.text == "#0a80ff")
        for text in ["", "#", "0a80ff", "#0a80f", "#0a80fff", "#0a80fg", "#+a80ff", "é0a80f"] {
            #expect(RGB(text) == nil, "\(text)")
        }
    }
}
