// What the daemon does for its clients. The API talks to this and to nothing below it.
//
// Everything here is called on the node's thread, and every Reply comes on that thread, never from inside the
// call.
#pragma once

#include "core/bytes.h"
#include "core/error.h"
#include "core/ids.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::node {

// Why a request was not done. `rule` is set with Errc::refused, `limit` with too_large,
// `retry_after` where trying again later helps.
struct Failure {
    Errc code = Errc::internal;
    std::string detail{};
    std::string_view rule{};
    std::uint64_t limit = 0;
    std::chrono::seconds retry_after{};
};

template <class T>
using Outcome = std::expected<T, Failure>;

template <class T>
using Reply = std::move_only_function<void(Outcome<T>)>;

struct Enqueued {
    MessageId id;
    Day expires;
};

struct Limits {
    std::uint64_t message_bytes_max = 0;
    std::uint64_t upload_bytes_max = 0;
    std::uint32_t lifetime_days_max = 0;
};

struct BundleInfo {
    std::string name;
    Day expires;  // the last day in it
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

// A bundle file being served. Held as long as it is read, also when the bundle is merged away meanwhile.
class BundleFile {
public:
    virtual ~BundleFile() = default;
    virtual std::uint64_t size() const = 0;
    virtual void read(std::uint64_t offset, std::size_t length, Reply<Bytes> reply) = 0;
};

struct Counted {
    std::string name;
    std::uint64_t count = 0;
};

struct UploadResult {
    std::uint64_t imported = 0;
    std::uint64_t known = 0;
    std::vector<Counted> refused;  // by rule
    std::vector<Counted> invalid;  // by class
    bool damaged = false;          // some of its bytes are not what its index says
};

// A bundle being sent by a client. Dropping it abandons it: nothing is stored.
class Upload {
public:
    virtual ~Upload() = default;
    virtual void write(Bytes part, Reply<void> reply) = 0;
    // Errc::bundle: malformed, nothing is stored.
    virtual void finish(Reply<UploadResult> reply) = 0;
};

struct DriveInfo {
    std::string id;         // "d1"
    std::string_view kind;  // mountd, desktop, directory
    std::string_view file_system;
    std::string_view state;  // unprepared unsupported encrypted empty waiting busy done failed removed
    std::string_view phase;  // of a busy drive, else empty
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
    struct Result {
        std::uint64_t imported = 0, exported = 0, known = 0;
        std::vector<Counted> refused{}, invalid{};
        std::uint64_t not_exported = 0;     // messages that had no room on the drive
        std::uint64_t displaced = 0;        // messages that made room there; the store holds them
        std::uint64_t damaged = 0;          // bundles of the drive
        std::uint64_t saved = 0, lost = 0;  // messages of damaged bundles
        std::uint64_t damaged_left = 0;     // bundles not gone through: too much was read in vain
        std::string error_code{};           // empty: none
        std::string error_detail{};         // for people
    };
    std::optional<Result> result{};
};

struct Status {
    std::string_view state;      // "idle", "busy", "attention", "stopping"
    std::string_view service;    // "system", "user"
    std::uint64_t messages = 0;  // in bundles
    std::uint64_t bytes = 0;
    std::uint64_t quota_bytes = 0;
    std::optional<Day> expires_first, expires_last;
    Day today;
    std::string_view trust;
    std::vector<DriveInfo> drives;
    std::vector<Counted> refused;       // messages in this run, by rule; by each drive again and again
    std::uint64_t evicted = 0;          // messages that were held, in this run
    std::vector<std::string> warnings;  // stable codes: "no_cover", "clock_behind", "store_failing"...
    std::chrono::seconds uptime{};
    std::string version;
};

// A range of days for recognition: from <= expires < to.
struct DayRange {
    std::uint32_t from = 0;
    std::uint64_t to = std::uint64_t{1} << 32;
};

// Binary records as lib/api/API.md has them, whole records only, and where to go on.
struct RecognitionPart {
    Bytes records;
    std::size_t count = 0;
    std::string cursor;
    bool caught_up = false;  // nothing more at this moment: a long poll would wait now
};

// Ends what it stands for when it goes.
class Subscription {
public:
    virtual ~Subscription() = default;
};

class Service {
public:
    virtual ~Service() = default;

    virtual std::string version() const = 0;
    virtual Limits limits() const = 0;
    virtual Status status() const = 0;
    virtual std::vector<DriveInfo> drives() const = 0;

    // Durable before the reply.
    virtual void enqueue(Bytes message, Reply<Enqueued> reply) = 0;
    // False with cover on: then fold() does nothing.
    virtual bool folds_on_request() const = 0;
    virtual void fold(Reply<void> reply) = 0;

    // Errc::not_found when it is not held.
    virtual void read(const MessageId& id, Reply<Bytes> reply) = 0;
    virtual void length_of(const MessageId& id, Reply<std::uint64_t> reply) = 0;

    // At most records_max records and about 256 KiB. An empty cursor starts at the beginning.
    // Errc::expired: the cursor is of another run, or the ring has run over. Errc::invalid: not a cursor.
    virtual void recognition(const std::string& cursor, DayRange range, std::size_t records_max,
                             Reply<RecognitionPart> reply) = 0;
    // Calls once when there may be something new after what a caught-up cursor has seen.
    virtual std::unique_ptr<Subscription> on_arrival(std::move_only_function<void()> call) = 0;

    virtual std::vector<BundleInfo> bundles() const = 0;
    virtual Outcome<std::shared_ptr<BundleFile>> open_bundle(const std::string& name) = 0;
    virtual void upload(Reply<std::shared_ptr<Upload>> reply) = 0;

    // Each event is one JSON object without a line end, its cursor inside. Events after `cursor` that are
    // still remembered come first, then new ones as they happen. An empty cursor: only new ones.
    // Errc::expired when the cursor is of another run or too old.
    virtual Outcome<std::unique_ptr<Subscription>> subscribe(
        const std::string& cursor, std::function<void(const std::string& event)> call) = 0;

    // What the operator says which day it is holds until the process ends, or the machine's clock is trusted.
    // Errc::refused below the day that the program was built.
    virtual Outcome<void> set_today(Day today) = 0;

    // Asks for a visit to the drive ("d1") now, or for the end of the one that is on. What comes of it is in
    // drives(). Errc::not_found; busy when it cannot be, with the reason.
    virtual Outcome<void> sync_drive(const std::string& id) = 0;
    virtual Outcome<void> release_drive(const std::string& id) = 0;
};

}  // namespace wcmp::node
