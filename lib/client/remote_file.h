// A bundle of the relay's store, read in parts over the socket.
#pragma once

#include "client/relay.h"
#include "io/file.h"

#include <string>

namespace wcmp::client {

// Errc::not_found from any reading: the relay has merged the bundle away meanwhile.
class RemoteFile final : public io::ReadableFile {
public:
    RemoteFile(Relay& relay, std::string name, std::uint64_t size)
        : relay_(relay), name_(std::move(name)), size_(size) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override;
    Result<io::FileStatus> status() const override { return io::FileStatus{.size = size_}; }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override;
    Result<bool> no_writer() const override { return true; }

private:
    Relay& relay_;
    std::string name_;
    std::uint64_t size_;
};

}  // namespace wcmp::client
