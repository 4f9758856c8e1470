import Testing
@testable import Transport

@Suite struct QueryStringTests {
    @Test func decodesPairsInOrder() {
        let items = QueryString.items("a=1&b=x%20y+z&a=%C3%A9&flag&=v")
        #expect(items.map(\.name) == ["a", "b", "a", "flag", ""])
        #expect(items.map(\.value) == ["1", "x y z", "é", "", "v"])
    }

    @Test func keepsMalformedEscapes() {
        #expect(QueryString.items("a=%zz&b=%ff").map(\.value) == ["%zz", "%ff"])
    }
}
