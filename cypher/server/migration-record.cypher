// Writes down that a migration is applied. Fails where another process has done so already.
// Parameters: version INTEGER, name STRING, checksum STRING (SHA-256 of the file, hexadecimal). Cost: constant.
CREATE (:Migration {version: $version, name: $name, checksum: $checksum, at: timestamp()})
