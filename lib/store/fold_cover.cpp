// A fold with cover: k messages come out of the journal or are dummies, the rest stays
// (lib/bundle/BUNDLE.md, section 7).
#include "message/identify.h"
#include "message/layout.h"
#include "store/eviction.h"
#include "store/fold_run.h"

#include <algorithm>

namespace wcmp::store {
namespace {

using Records = std::vector<JournalRecord>;

std::set<MessageKey> keys_of(std::span<const JournalRecord> records) {
    std::set<MessageKey> keys;
    for (const auto& record : records) keys.insert(record.key);
    return keys;
}

std::uint64_t total_bytes(std::span<const Bytes> messages) {
    std::uint64_t bytes = 0;
    for (const auto& message : messages) bytes += message.size();
    return bytes;
}

Result<std::vector<MessageKey>> keys_of(std::span<const Bytes> dummies) {
    std::vector<MessageKey> keys;
    for (const auto& dummy : dummies) {
        WCMP_ASSIGN(const auto header, message::parse_header(dummy));
        keys.push_back({header.expires, message::message_id(dummy)});
    }
    return keys;
}

}  // namespace

// Of the records of a journal file, each once.
struct Store::CoverPlan {
    Records chosen;  // local messages that go
    Records held;    // in a bundle that nobody vouches for yet: they go again, and add nothing to the set
    Records rest;    // wait for another visit
};

Result<Store::CoverPlan> Store::plan_cover(std::span<const JournalRecord> records,
                                           const FoldContents::Admit& admit, std::uint64_t count) {
    const auto current = snapshot();
    const auto is_held = [&](const MessageKey& key) {
        return std::ranges::any_of(current->bundles,
                                   [&](const auto& bundle) { return bundle->find(key).has_value(); });
    };
    CoverPlan plan;
    std::set<MessageKey> seen;
    for (const auto& record : records) {
        if (!seen.insert(record.key).second || !admit(record.key, record.length)) continue;
        if (is_durable_in_bundle(record.key)) continue;
        (is_held(record.key) ? plan.held : plan.rest).push_back(record);
    }
    WCMP_TRY(shuffle(random_, plan.rest));
    const auto gone = static_cast<std::size_t>(std::min<std::uint64_t>(count, plan.rest.size()));
    plan.chosen.assign(plan.rest.end() - static_cast<std::ptrdiff_t>(gone), plan.rest.end());
    plan.rest.resize(plan.rest.size() - gone);
    return plan;
}

Result<std::vector<MessageKey>> Store::fold_with_cover(std::span<const Bytes> dummies,
                                                       const message::Today& today) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    WCMP_TRY(gather_journal(today));
    const auto waiting = journal_->waiting();
    FoldGuard guard(*journal_, waiting.empty() ? journal_->current() : waiting.front());
    guard.goes_on_there();
    const Admission admission(state(), settings().admission, today);
    WCMP_ASSIGN(const auto plan, plan_cover(guard.fold().records, admission.admit(), dummies.size()));
    const auto made = dummies.subspan(plan.chosen.size());
    WCMP_ASSIGN(const auto space, room(Drawer::messages));
    if (total_bytes(made) > space.disk_bytes) return fail(Errc::no_space, "the disk has no room for cover");

    if (dummies.empty() && plan.held.empty()) return std::vector<MessageKey>{};
    WCMP_TRY(carry(guard, plan.rest));
    auto going = keys_of(plan.chosen);
    going.merge(keys_of(plan.held));
    const auto goes = [&](const MessageKey& key, std::uint32_t) { return going.contains(key); };
    WCMP_ASSIGN(const auto dummy_keys, keys_of(made));
    FoldRun run{guard.fold(), goes, admission.alive(), made, dummy_keys};
    FoldContents fresh;
    fresh.add(run.fold.records, goes);
    fresh.add(dummy_keys, made);
    fresh.arrange();
    if (!fresh.items().empty()) WCMP_TRY(commit_fold(run, bytes_of(fresh.items())));
    WCMP_TRY(guard.end());
    auto visible = keys_of_good(fresh.items(), run.bad);
    const auto held = keys_of(plan.held);
    std::erase_if(visible, [&](const MessageKey& key) { return held.contains(key); });
    return visible;
}

// What is bad by now has no copy that could be saved.
Result<void> Store::carry(FoldGuard& guard, std::span<const JournalRecord> records) {
    std::vector<Bytes> messages;
    std::vector<MessageKey> keys;
    for (const auto& record : records) {
        WCMP_ASSIGN(auto bytes, journal_->read(guard.fold(), record));
        if (message::message_id(bytes) != record.key.id) continue;
        messages.push_back(std::move(bytes));
        keys.push_back(record.key);
    }
    const std::vector<ByteView> views(messages.begin(), messages.end());
    return keys.empty() ? Result<void>{} : guard.carry(views, keys);
}

// Afterwards one file at most holds something, and it can be appended to: the other is where the next fold
// puts what does not go. Two hold something after a crash in a fold, and when cover is new.
Result<void> Store::gather_journal(const message::Today& today) {
    WCMP_TRY(journal_->vouch());
    for (std::size_t file = 0; file < journal_names.size(); ++file)
        if (journal_->is_contained(file)) WCMP_TRY(FoldGuard(*journal_, file).end());
    const auto waiting = journal_->waiting();
    if (waiting.size() == 1 && !journal_->is_torn(waiting[0])) {
        journal_->go_on_in(waiting[0]);
        return {};
    }
    for (const auto file : waiting) {
        FoldGuard guard(*journal_, file);
        const auto records = journal_->missing_in_other(file);
        const auto carried = carry(guard, records);
        if (carried) return guard.end();
        const bool is_too_much = carried.error().code == Errc::no_space && carried.error().os_error == 0;
        if (!is_too_much) return carried;
    }
    if (waiting.empty()) return {};
    // More than one file takes: only what came without cover can have become so much, and goes as it would
    // have. What is left may be torn.
    WCMP_TRY(fold_file(waiting.front(), today));
    return gather_journal(today);
}

}  // namespace wcmp::store
