import Foundation
import HostModules
import LuaRuntime

extension Settings {
    /// Notes where the file says what of packages, so that a package that does not like a setting can name its place.
    ///
    /// - Parameter moved: Keys of the first level that are settings of the package `casino`, and what they are called there.
    mutating func notePlaces(path: String, moved: [(key: Key, setting: String)]) {
        guard let data = FileManager.default.contents(atPath: path) else { return }
        let places = [UInt8](data).withUnsafeBytes { text -> [String: [String: SettingPlace]] in
            guard let file = try? JSONObject(text) else { return [:] }
            func place(_ offset: Int, _ name: String) -> SettingPlace {
                SettingPlace(file: path, line: JSONObject.line(text, offset: offset), path: name)
            }
            var places: [String: [String: SettingPlace]] = [:]
            if let packages = file.member(Key.packages.rawValue), let list = packages.object {
                for index in 0..<list.count {
                    let (package, value) = list.member(at: index)
                    guard let members = value.object else { continue }
                    for member in 0..<members.count {
                        let name = members.member(at: member).name
                        places[package, default: [:]][name] = place(
                            packages.offset + value.offset + members.offset(at: member), "packages.\(package).\(name)")
                    }
                }
            }
            for index in 0..<file.count {
                guard let known = moved.first(where: { $0.key.rawValue == file.member(at: index).name }) else { continue }
                places["casino", default: [:]][known.setting] = place(file.offset(at: index), known.key.rawValue)
            }
            return places
        }
        settingPlaces.merge(places) { $0.merging($1) { $1 } }
    }

    /// A setting comes from a variable.
    mutating func notePlace(_ variable: String, of package: String, _ name: String) {
        settingPlaces[package, default: [:]][name] = SettingPlace(file: "environment", path: variable)
    }
}
