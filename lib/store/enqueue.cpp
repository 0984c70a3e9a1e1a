// What clients hand in: checked, admitted, and durable before they are answered.
#include "message/layout.h"
#include "store/commit_items.h"
#include "store/eviction.h"
#include "store/store.h"

#include <algorithm>

namespace wcmp::store {

struct Store::Pending {
    MessageKey key;
    ByteView message;
    std::size_t result = 0;  // its place among the answers
};

namespace {

// Messages that lie in memory, in the order of their items.
class MemorySource final : public bundle::MessageSource {
public:
    explicit MemorySource(std::vector<ByteView> messages) : messages_(std::move(messages)) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override {
        WCMP_ASSIGN(const auto digest, bundle::verify_message(messages_[index], item.key, identifier_));
        return bundle::Reader::Message{messages_[index], digest};
    }

private:
    std::vector<ByteView> messages_;
    message::Identifier identifier_;
};

Result<void> apply_rules(const message::Header& header, std::size_t length,
                         const message::AdmissionRules& rules, const message::Today& today) {
    const auto verdict = message::admit(header.expires, length, rules, today);
    switch (verdict) {
    case message::Verdict::admitted: return {};
    case message::Verdict::expired: return fail(Errc::expired, "the message has expired");
    case message::Verdict::horizon:
        return fail(Errc::horizon, "the message expires more than 182 days from now");
    case message::Verdict::lifetime:
    case message::Verdict::evicted: return fail(Errc::refused, message::rule_name(verdict));
    case message::Verdict::too_large: return fail(Errc::too_large, "the message is over the relay's limit");
    }
    return {};
}

Result<void> check_room(const Result<Store::Room>& room, std::uint64_t bytes) {
    if (!room) return std::unexpected(room.error());
    if (bytes > room->disk_bytes) return fail(Errc::no_space, "the store is full");
    if (bytes > room->share_bytes) return fail(Errc::refused, "import_share");
    return {};
}

}  // namespace

Result<Enqueued> Store::admit(ByteView message, const message::Today& today, const State& state) const {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    WCMP_TRY(message::relay_check(message, today));
    WCMP_ASSIGN(const auto header, message::parse_header(message));
    WCMP_TRY(apply_rules(header, message.size(), settings().admission, today));
    if (settings().covered && message.size() > limits::journal_message_bytes_max)
        return fail(Errc::too_large, "with cover on, the message is over what waits for a visit");
    const auto id = message::message_id(message);
    if (is_evicted(Ranking(state.eviction_salt).rank(id.view()), state.eviction_threshold))
        return fail(Errc::refused, message::rule_name(message::Verdict::evicted));
    return Enqueued{id, header.expires};
}

std::vector<Result<Enqueued>> Store::enqueue(std::span<const Bytes> messages, const message::Today& today) {
    std::vector<Result<Enqueued>> results;
    std::vector<Pending> small, large;
    const auto now = state();
    const auto before = used_bytes();
    const auto room = this->room(Drawer::messages);
    std::uint64_t taken = 0;
    for (const auto& message : messages) {
        auto& result = results.emplace_back(admit(message, today, now));
        if (!result || journal_->contains(result->id)) continue;
        if (const auto fits = check_room(room, taken + message.size()); !fits) {
            result = std::unexpected(fits.error());
            continue;
        }
        taken += message.size();
        auto& pending = message.size() > limits::journal_message_bytes_max ? large : small;
        pending.push_back({{result->expires, result->id}, message, results.size() - 1});
    }
    store_pending(small, &Store::append, results);
    store_pending(large, &Store::commit_at_once, results);
    draw(Drawer::messages, before, taken);
    return results;
}

// All of them or none: what is not durable was not accepted.
void Store::store_pending(std::vector<Pending>& pending, Write write,
                          std::vector<Result<Enqueued>>& results) {
    if (pending.empty()) return;
    std::ranges::sort(pending, {}, &Pending::key);
    const auto in_bundle = (this->*write)(pending);
    for (const auto& item : pending) {
        if (in_bundle) {
            results[item.result]->in_bundle = *in_bundle;
        } else {
            results[item.result] = std::unexpected(in_bundle.error());
        }
    }
}

// Where the journal is full until a fold ends, a bundle does as well.
Result<bool> Store::append(std::span<const Pending> pending) {
    std::vector<ByteView> messages;
    std::vector<MessageKey> keys;
    for (const auto& item : pending) {
        if (!keys.empty() && keys.back() == item.key) continue;  // the same twice
        messages.push_back(item.message);
        keys.push_back(item.key);
    }
    const bool covered = settings().covered;
    const auto appended =
        journal_->append(messages, keys, covered ? Journal::Files::one : Journal::Files::both);
    if (appended) return false;
    const bool full = appended.error().code == Errc::no_space && appended.error().os_error == 0;
    if (full && !covered) return commit_at_once(pending);
    return std::unexpected(appended.error());
}

Result<bool> Store::commit_at_once(std::span<const Pending> pending) {
    std::vector<bundle::Item> items;
    std::vector<ByteView> messages;
    for (const auto& item : pending) {
        if (!items.empty() && items.back().key == item.key) continue;
        items.push_back({item.key, static_cast<std::uint32_t>(item.message.size())});
        messages.push_back(item.message);
    }
    MemorySource source(std::move(messages));
    Committed committed;
    const auto done = commit_items(*directory_, items, source, random_, committed);
    WCMP_TRY(publish(committed.files, {}));
    if (!done) return std::unexpected(done.error());
    return true;
}

}  // namespace wcmp::store
