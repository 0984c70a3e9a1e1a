// Messages that are for nobody and pass every check of a relay, and directories of bundles that hold them.
#pragma once

#include "bundle/cut.h"
#include "bundle/message_source.h"
#include "core/random.h"
#include "io/file.h"
#include "message/layout.h"
#include "message/relay_check.h"

#include <map>
#include <vector>

namespace wcmp::bench {

inline constexpr unsigned usual_body_exp = 11;  // 2 KiB
inline constexpr unsigned usual_slot_exp = 2;
inline constexpr std::size_t usual_message_bytes = message::message_bytes(usual_body_exp, usual_slot_exp);
inline constexpr std::uint32_t usual_first_day = 20'010;
inline constexpr std::uint32_t usual_days = 28;
inline constexpr message::Today usual_today{.floor = {20'000}};

Bytes made_message(SeededRandom& random, Day expires, unsigned body_exp = usual_body_exp);

// Messages by key, as a source of commits.
class MadeMessages final : public bundle::MessageSource {
public:
    MadeMessages() = default;
    // Of the usual size, spread evenly over the usual days.
    MadeMessages(std::size_t count, std::uint64_t seed);

    void add(Bytes message);
    void add(const MadeMessages& more) { all_.insert(more.all_.begin(), more.all_.end()); }
    const std::map<MessageKey, Bytes>& all() const { return all_; }

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override;

    // Bundles as a relay would have cut them, or of `per_bundle` messages each.
    void commit_into(io::Directory& directory, std::size_t per_bundle = ~std::size_t{0});

private:
    std::map<MessageKey, Bytes> all_;
};

// More messages than fit the memory, as a relay would have cut them: in memory are those of one day, or of as
// many as one bundle holds.
struct Filling {
    std::size_t messages = 0;
    std::uint64_t seed = 1;
    std::uint32_t first_day = usual_first_day;
    std::uint32_t days = usual_days;
    std::uint32_t day_step = 1;  // 7: they expire weekly
    unsigned body_exp = usual_body_exp;
    std::size_t bundle_messages = ~std::size_t{0};  // at most: fewer than fit, so that they are cut otherwise
};
void fill(io::Directory& directory, const Filling& filling);

}  // namespace wcmp::bench
