// What lies on a medium, read without any of the code that wrote it: from the text of
// lib/bundle/BUNDLE.md, sections 1, 6 and 8.
#pragma once

#include "core/ids.h"
#include "io/file.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace wcmp::sim {

// Messages with their lengths.
using Messages = std::map<MessageKey, std::uint32_t>;

enum class FileKind : std::uint8_t { valid, void_file, damaged, unknown_format };

// A file with the name of a bundle.
struct SeenFile {
    FileKind kind = FileKind::damaged;
    std::uint64_t bytes = 0;
    std::size_t body_at = 0;  // where the messages start, of a valid one
    Messages good{};          // the bytes are what their id says; of a damaged one, as far as its index tells
    std::set<MessageKey> false_claims{};  // the index of a valid one says so, and the bytes are others
};

SeenFile read_bundle(const std::string& name, ByteView bytes);
// The messages of a journal file, up to the first record that does not verify.
Messages read_journal(const io::ReadableFile& file);

struct Seen {
    Messages held;                      // in a valid bundle, or waiting
    Messages waiting;                   // in a journal
    Messages bundled;                   // in a valid bundle
    Messages savable;                   // in a damaged one
    std::set<MessageKey> false_claims;  // with no good copy in a valid bundle beside
    std::map<std::string, FileKind> bundles;
    std::size_t valid = 0, void_files = 0, damaged = 0, unknown_format = 0;
    std::uint64_t bundle_bytes = 0;  // of the valid ones
    std::set<std::string> others;    // names of another form

    bool has_lies = false;  // a file with false claims, whatever else there is

    bool sound() const { return damaged == 0 && unknown_format == 0 && !has_lies; }
};

// Looks at one directory, again and again: files that did not change are not read twice.
class Onlooker {
public:
    Seen look(const io::Directory& directory);
    // What the last look saw of one file.
    const SeenFile* file(const std::string& name) const;
    // After a power cut, which changes files without touching their times.
    void forget() { known_.clear(); }

private:
    struct Known {
        io::FileStatus status;
        SeenFile file;
    };
    std::map<std::string, Known> known_;
};

// As the name of a bundle says.
Day first_day_of(const std::string& name);

Bytes contents(const io::Directory& directory, const std::string& name);

}  // namespace wcmp::sim
