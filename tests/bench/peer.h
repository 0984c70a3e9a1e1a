// Others that could keep messages by (day, id): what an import is compared with.
#pragma once

#include "core/ids.h"

#include <filesystem>
#include <memory>

namespace wcmp::bench {

// One import: asks for each message whether it is held, puts those that are not, and makes all durable at the
// end.
class Peer {
public:
    virtual ~Peer() = default;
    virtual bool holds(const MessageKey& key) = 0;
    virtual void put(const MessageKey& key, ByteView message) = 0;
    virtual void commit() = 0;
};

using OpenPeer = std::unique_ptr<Peer> (*)(const std::filesystem::path& folder);

// Write-ahead log, synchronous=FULL, a page cache of 16 MiB; one transaction, of which SQLite spills what
// does not fit its cache, and the checkpoint that it makes by itself afterwards.
std::unique_ptr<Peer> open_sqlite(const std::filesystem::path& folder);

// LMDB holds what a transaction changes in memory until its end. This one makes a transaction of each 8 MiB
// of messages, so it stays within what a visit may use (lib/bundle/BUNDLE.md, section 9).
std::unique_ptr<Peer> open_lmdb(const std::filesystem::path& folder);

// One transaction, whatever memory it takes.
std::unique_ptr<Peer> open_lmdb_at_once(const std::filesystem::path& folder);

// A file for each message, each synced, and the folder at the end.
std::unique_ptr<Peer> open_synced_files(const std::filesystem::path& folder);

// A file for each message, and one syncfs for all.
std::unique_ptr<Peer> open_files(const std::filesystem::path& folder);

}  // namespace wcmp::bench
