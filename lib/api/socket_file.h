// The socket in the file system.
#pragma once

#include "core/error.h"

#include <filesystem>

#include <boost/asio/local/stream_protocol.hpp>
#include <sys/types.h>

namespace wcmp::api {

using Acceptor = boost::asio::local::stream_protocol::acceptor;

// Makes a socket with this mode and listens. Errc::invalid: the path is over 107 bytes. Errc::denied: anybody
// may write to its directory. Errc::busy: something listens there. Errc::exists: it is there and is no
// socket. A socket that nobody listens on any more is replaced.
Result<Acceptor> listen_at(const boost::asio::any_io_executor& executor, const std::filesystem::path& path,
                           mode_t mode);

// Takes over a listening socket that somebody else made. Errc::invalid when it is none.
Result<Acceptor> adopt_listening(const boost::asio::any_io_executor& executor, int descriptor);

// Removes the socket if the acceptor's is still the one with this name.
void remove_socket(const std::filesystem::path& path, ino_t inode);

// The inode of what stands there now, 0 for nothing.
ino_t inode_of(const std::filesystem::path& path);

}  // namespace wcmp::api
