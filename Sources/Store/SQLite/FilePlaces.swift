#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the files of an open store lie. A file that is deleted, moved or replaced stays open, so that everything written to
/// it seems to succeed and is gone with the process; only its path tells. Asking costs about a microsecond a file and opens
/// none: closing a descriptor of an SQLite file would give up SQLite's locks on it.
struct FilePlaces {
    private struct Place {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    private let places: [Place]

    /// Takes the files as they are now.
    /// - Throws: ``StoreError`` `lost`, if one is not there.
    init(_ paths: [String]) throws(StoreError) {
        var places: [Place] = []
        for path in paths {
            var info = stat()
            guard stat(path, &info) == 0 else { throw StoreError(.lost, "\(path) is not there") }
            places.append(Place(path: path, device: info.st_dev, inode: info.st_ino))
        }
        self.places = places
    }

    /// What became of them, for the log, with what to do; nil: they are where they were.
    func problem() -> StoreError? {
        for place in places {
            var info = stat()
            guard stat(place.path, &info) == 0 else {
                return StoreError(
                    .lost,
                    """
                    \(place.path) is not there any more: it was deleted or moved while the server runs. Nothing is stored until it is back. \
                    If it was moved, put it back; if not, stop the server, restore a backup and start it again
                    """)
            }
            guard info.st_dev == place.device, info.st_ino == place.inode else {
                return StoreError(
                    .lost,
                    """
                    \(place.path) is another file than the one the server has opened: it was replaced while the server runs. Nothing is stored. \
                    Put the former one back, or start the server again to go on with this one
                    """)
            }
        }
        return nil
    }
}
