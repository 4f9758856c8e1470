public import Transport

/// A self-signed certificate for `localhost` and its key, as PEM texts. Made for tests alone: everybody knows the keys.
public struct TestCertificate: Sendable {
    /// The certificate. Ends with a line feed, as a file does.
    public let certificate: String
    /// Its private key.
    public let key: String

    /// One to begin with.
    public static let first = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBlTCCATugAwIBAgIUfA5mS7B8s88SzUd+tLZztq9MPvswCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MzMwNFoYDzIxMjYxMDI4
            MDkzMzA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pkuUWhU4g+KYqddlnAJ7HIF3yK
            FiW3yJuF69vtvSnukEtV6q/O/3/52IXIo2kwZzAdBgNVHQ4EFgQUo2VE5s9pkVs/
            th0b6hZTS+b1rQwwHwYDVR0jBBgwFoAUo2VE5s9pkVs/th0b6hZTS+b1rQwwDwYD
            VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
            SAAwRQIgW2VAj1TUPOFbvIit7u59SiHHyD3nHU9ySX/DtOCa7l0CIQCxoxGIKSQj
            xxWr/Q1ZRFbnM0ysILw9/6WNrcFSQO8Mnw==
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPq6/4i8ltocuK7X
            CQKF/seJ4HkbZ4lozP57BoqvQA+hRANCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pk
            uUWhU4g+KYqddlnAJ7HIF3yKFiW3yJuF69vtvSnukEtV6q/O/3/52IXI
            -----END PRIVATE KEY-----

            """)

    /// Another one, to replace the first by.
    public static let next = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBlTCCATugAwIBAgIUUsJrSrJuDJ9NAJOnI/tLfu0xOrMwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE4MDQ0NVoYDzIxMjYxMTA1
            MTgwNDQ1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASG8K5pAWKmk/qY4eJZx9xH33ZM+39fjC4+A8yjW0BLALa/xzHKmXMq
            IExHa1hi+tXuT7h3VjOlGUWkDoOPtgiFo2kwZzAdBgNVHQ4EFgQUdfg9W9LRm4jG
            OULJOD3Rw3kt6zIwHwYDVR0jBBgwFoAUdfg9W9LRm4jGOULJOD3Rw3kt6zIwDwYD
            VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
            SAAwRQIgbwMSy4sh7+VyLMoLYeuSF3s0pJOsbBYlz0QIwqqvyVECIQC0TActvXes
            7NqqvWuFihBITPj/Mb4sr2f0HJ7OxENj5w==
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMWHZSSMVzu+UcTxh
            BLKUnf2SdGWN9vXqTulf84WEJzGhRANCAASG8K5pAWKmk/qY4eJZx9xH33ZM+39f
            jC4+A8yjW0BLALa/xzHKmXMqIExHa1hi+tXuT7h3VjOlGUWkDoOPtgiF
            -----END PRIVATE KEY-----

            """)

    /// Writes both into a folder, as `cert.pem` and `key.pem`.
    public func write(to folder: TestFolder) -> ListenerConfiguration.TLS {
        folder.write("cert.pem", certificate)
        folder.write("key.pem", key)
        return ListenerConfiguration.TLS(certificatePath: folder.path + "/cert.pem", keyPath: folder.path + "/key.pem")
    }
}
