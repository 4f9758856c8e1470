#if NIGHTJAR_TSAN
import Glibc

/// A value behind a lock, as `Synchronization.Mutex` has it.
///
/// This is the form for builds with the thread sanitizer (`make tsan`), which knows the locks of pthread but cannot see the
/// futex of `Synchronization.Mutex`: each access behind one would be reported. All other builds use the latter.
package final class Lock<Value>: @unchecked Sendable {
    // Both are touched only between locking and unlocking.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ value: consuming sending Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        // Behind the lock until `body` has returned.
        nonisolated(unsafe) let value = self.value
        return try body(&value.pointee)
    }
}
#else
package import Synchronization

/// A value behind a lock. Files that use it import `Synchronization` as well, for `withLock`.
package typealias Lock = Mutex
#endif
