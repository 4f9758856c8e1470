extension ClientService {
    /// A self-signed pair for `localhost`, made for tests alone.
    static let certificate = """
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

        """
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPq6/4i8ltocuK7X
        CQKF/seJ4HkbZ4lozP57BoqvQA+hRANCAASw/zWZc7Pw5ViQlXpzXa0ZlXY0D6pk
        uUWhU4g+KYqddlnAJ7HIF3yKFiW3yJuF69vtvSnukEtV6q/O/3/52IXI
        -----END PRIVATE KEY-----

        """
}
