// The relay's API as calls (lib/api/API.md).
#pragma once

#include "client/http.h"
#include "core/ids.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace wcmp::client {

// What the relay said about the last request that it did not grant.
struct Problem {
    unsigned status = 0;  // 0: there was none
    std::string code;
    std::string detail;
    std::string rule{};  // with the code `refused`
};

struct RelayDay {
    Day day;
    bool trusted = false;  // the relay believes its clock
};

struct RelayLimits {
    std::uint64_t message_bytes_max = 0;
    std::uint32_t lifetime_days_max = 0;
};

// What became of an upload's messages; refused by rule, invalid by class, under the API's names.
struct Uploaded {
    std::uint64_t imported = 0;
    std::uint64_t known = 0;
    std::map<std::string, std::uint64_t> refused{};
    std::map<std::string, std::uint64_t> invalid{};
};

struct RecognitionPart {
    Bytes records;  // see recognition_record.h; none: there are no more for now
    std::string cursor;
};

// Errors, beside those of Http: by the status of the answer denied (403), not_found (404), expired (410),
// too_large (413), refused (422), no_space (507), busy (409, 429, 503), invalid (400), and remote for all
// others; problem() tells more. remote, too, when an answer is not of the API's form.
class Relay {
public:
    explicit Relay(std::filesystem::path socket) : http_(std::move(socket)) {}

    const Problem& problem() const { return problem_; }

    // A JSON answer.
    Result<boost::json::value> get(std::string_view target);

    Result<RelayDay> today();
    Result<RelayLimits> limits();
    Result<void> enqueue(ByteView message);
    Result<bool> holds(const MessageId& id);
    // What comes after the cursor (empty: everything). Waits up to wait_s seconds, at most 60, for it.
    // expired: the cursor has; start again without one.
    Result<RecognitionPart> recognition(std::string_view cursor, unsigned wait_s);
    // By id, empty where the relay has none. All together at most bytes_max.
    Result<std::vector<Bytes>> fetch(std::span<const MessageId> ids, std::uint64_t bytes_max);
    Result<void> fold();
    // A part of a bundle: exactly the bytes [first, first + bytes), fewer at its end only.
    Result<Bytes> bundle_part(std::string_view name, std::uint64_t first, std::uint64_t bytes);
    Result<Uploaded> upload(ByteView bundle);
    // For operators: denied for others. refused below the day that the relay was built.
    Result<void> set_today(Day today);
    // By its id ("d1"), for operators: denied for others.
    Result<void> sync_drive(std::string_view id) { return ask_drive(id, "/sync"); }
    Result<void> release_drive(std::string_view id) { return ask_drive(id, "/release"); }

private:
    Result<void> ask_drive(std::string_view id, std::string_view what);
    Result<HttpAnswer> ask(const HttpRequest& request);

    Http http_;
    Problem problem_;
};

}  // namespace wcmp::client
