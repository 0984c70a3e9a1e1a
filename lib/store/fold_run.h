// What the kinds of folds share. For the store's own sources.
#pragma once

#include "store/eviction.h"
#include "store/fold_source.h"
#include "store/store.h"

namespace wcmp::store {

// Gives the journal file back unless the fold came to its end.
class FoldGuard {
public:
    FoldGuard(Journal& journal, std::size_t file) : journal_(journal), fold_(journal.begin_fold(file)) {}
    FoldGuard(const FoldGuard&) = delete;
    FoldGuard& operator=(const FoldGuard&) = delete;
    // An error here is one of the medium: the store has seen it, and the next start finds both copies.
    ~FoldGuard() {
        if (ended_) return;
        if (carried_) std::ignore = journal_.take_back(fold_);
        journal_.abandon_fold(fold_);
        if (goes_on_there_) journal_.go_on_in(fold_.file);
    }

    const Journal::Fold& fold() const { return fold_; }
    Result<void> carry(std::span<const ByteView> messages, std::span<const MessageKey> keys) {
        const bool into_empty = journal_.is_other_empty(fold_.file);
        WCMP_TRY(journal_.carry(fold_, messages, keys));
        carried_ = into_empty;
        return {};
    }
    // Where it does not come to its end, what follows is appended to the same file.
    void goes_on_there() { goes_on_there_ = true; }
    Result<void> end() {
        ended_ = true;
        return journal_.end_fold(fold_);
    }

private:
    Journal& journal_;
    Journal::Fold fold_;
    bool carried_ = false;
    bool goes_on_there_ = false;
    bool ended_ = false;
};

// The rules for what clients handed in, and for what is held.
class Admission {
public:
    Admission(const State& state, const message::AdmissionRules& rules, const message::Today& today)
        : ranking_(std::make_shared<Ranking>(state.eviction_salt)),
          threshold_(state.eviction_threshold),
          rules_(rules),
          today_(today) {}

    FoldContents::Admit admit() const {
        return [*this](const MessageKey& key, std::uint32_t length) {
            return message::admit(key.day, length, rules_, today_) == message::Verdict::admitted &&
                   !is_evicted(ranking_->rank(key.id.view()), threshold_);
        };
    }
    // No rule removes what is held (BUNDLE.md, section 3.4).
    FoldContents::Admit alive() const {
        return [today = today_](const MessageKey& key, std::uint32_t) {
            return message::check_day(key.day, today).has_value();
        };
    }

private:
    std::shared_ptr<Ranking> ranking_;
    std::uint64_t threshold_;
    message::AdmissionRules rules_;
    message::Today today_;
};

// One new bundle in the making.
struct Store::FoldRun {
    const Journal::Fold& fold;
    FoldContents::Admit admit;
    FoldContents::Admit alive;
    std::span<const Bytes> dummies{};
    std::span<const MessageKey> dummy_keys{};
    FoldContents contents{};
    std::vector<bundle::Name> covered{};
    std::vector<MessageKey> bad{};             // good in no copy
    std::optional<bundle::Name> unreadable{};  // absorbed, and the medium did not give it

    void start_over() {
        contents = {};
        covered.clear();
        bad.clear();
        unreadable.reset();
    }
};

std::uint64_t bytes_of(std::span<const bundle::Item> items);
// `bad` ascending.
std::vector<MessageKey> keys_of_good(std::span<const bundle::Item> items, std::span<const MessageKey> bad);

}  // namespace wcmp::store
