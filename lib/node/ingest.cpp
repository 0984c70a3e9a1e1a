#include "node/ingest.h"

#include "core/limits.h"
#include "log/log.h"
#include "message/admission.h"
#include "node/failure.h"
#include "store/cover.h"

#include <algorithm>
#include <iterator>

namespace wcmp::node {
namespace {

constexpr std::string_view import_share = "import_share";

}  // namespace

Ingest::Ingest(Context& context, View& view, std::function<void()> changed)
    : context_(context),
      view_(view),
      changed_(std::move(changed)),
      fold_timer_(context.timers.add([this] { want_fold(); })) {}

void Ingest::enqueue(Bytes message, Reply<Enqueued> reply) {
    waiting_.push_back({std::move(message), std::move(reply)});
    if (!committing_) commit_next();
}

// As many as go into the journal with one sync; a larger one goes alone.
std::vector<Ingest::Waiting> Ingest::next_group() {
    std::vector<Waiting> group;
    std::size_t bytes = 0;
    while (!waiting_.empty() && group.size() < limits::journal_group_max) {
        bytes += waiting_.front().message.size();
        if (!group.empty() && bytes > limits::journal_message_bytes_max) break;
        group.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return group;
}

void Ingest::commit_next() {
    auto group = next_group();
    if (group.empty()) return;
    committing_ = true;
    std::vector<Bytes> messages;
    std::vector<Reply<Enqueued>> replies;
    for (auto& waiting : group) {
        messages.push_back(std::move(waiting.message));
        replies.push_back(std::move(waiting.reply));
    }
    auto work = [&store = context_.store, messages = std::move(messages), today = context_.keeper.today()] {
        const auto largest = std::ranges::max(messages, {}, &Bytes::size).size();
        return Committed{store.enqueue(messages, today), store.journal_bytes(),
                         store.wait_for_share(store::Drawer::messages, largest)};
    };
    context_.home.run(context_.store_worker, std::move(work),
                      [this, replies = std::move(replies)](const Committed& done) mutable {
                          committed(std::move(replies), done);
                      });
}

void Ingest::committed(std::vector<Reply<Enqueued>> replies, const Committed& committed) {
    committing_ = false;
    bool stored = false;
    bool full = false;
    std::vector<MessageKey> visible;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        const auto& result = committed.results[i];
        if (!result) {
            full |= result.error().code == Errc::no_space;
            count_refusal(result.error());
            replies[i](std::unexpected(failure_of(result.error(), committed.share_wait)));
            continue;
        }
        stored = true;
        if (result->in_bundle) visible.push_back({result->expires, result->id});
        replies[i](Enqueued{result->id, result->expires});
    }
    if (stored || full) context_.warnings.set("store_full", full || fold_failure_ == Errc::no_space);
    context_.store_worked();
    view_.arrived(visible);
    if (stored) context_.timers.at_latest(fold_timer_, context_.clock.boot_time() + fold_after);
    if (committed.journal_bytes >= limits::journal_fold_bytes && !fold_failure_) want_fold();
    commit_next();
}

// The store names the rule that refuses; people get a sentence.
Failure Ingest::failure_of(const Error& error, std::chrono::seconds share_wait) const {
    auto result = failure(error);
    if (error.code == Errc::too_large) result.limit = message_bytes_max(*context_.settings);
    if (error.code == Errc::no_space) {
        result.detail = error.what == store::journal_is_full
                            ? "the store is full: what waits for a visit takes no more"
                            : "the store is full: its disk has no room";
        result.retry_after = fold_after;
    }
    if (error.code == Errc::horizon) result.rule = message::rule_name(message::Verdict::horizon);
    if (error.code != Errc::refused) return result;
    result.rule = error.what;
    if (error.what == import_share) {
        result.code = Errc::no_space;
        result.detail = "the store is full: its limit is reached, and what it takes in a time beyond that";
        result.retry_after = std::max(share_wait, std::chrono::seconds(1));
    } else if (error.what == message::rule_name(message::Verdict::evicted)) {
        result.detail = "the store has no room for all, and this message drew a blank; seal it again";
    } else {
        result.detail = "the message would live longer than this relay allows";
    }
    return result;
}

void Ingest::count_refusal(const Error& error) {
    using message::Verdict;
    auto& refusals = context_.refusals;
    if (error.code == Errc::refused) refusals.add(error.what);
    if (error.code == Errc::expired) refusals.add(message::rule_name(Verdict::expired));
    if (error.code == Errc::horizon) refusals.add(message::rule_name(Verdict::horizon));
    if (error.code == Errc::too_large) refusals.add(message::rule_name(Verdict::too_large));
    if (error.code == Errc::no_space) refusals.add("store_full");
}

void Ingest::fold(Reply<void> reply) {
    if (covered()) return context_.home.post([reply = std::move(reply)]() mutable { reply({}); });
    fold_replies_.push_back(std::move(reply));
    want_fold();
}

bool Ingest::may_fold(drives::Kind kind) const {
    if (!covered() || kind != drives::Kind::directory || !last_covered_fold_) return true;
    return context_.clock.boot_time() >= *last_covered_fold_ + directory_fold_pause;
}

void Ingest::settings_changed() {
    if (context_.warnings.has("no_cover") != covered()) return;
    context_.warnings.set("no_cover", !covered());
    want_fold();
}

void Ingest::fold_before(drives::Kind kind, Task then) {
    if (!may_fold(kind)) return context_.home.post(std::move(then));
    fold_before_.push_back(std::move(then));
    want_fold();
}

void Ingest::turn_is_free() {
    turn_was_free_ = true;
    if (std::exchange(fold_blocked_, false)) want_fold();
}

// With cover, only a visit that waits for it is a reason.
void Ingest::want_fold() {
    if (covered() && fold_before_.empty()) {
        fold_blocked_ = fold_again_ = false;
        context_.write_turn.forget(ShortWork::fold);
        for (auto& reply : std::exchange(fold_replies_, {})) reply({});
        return;
    }
    if (folding_)
        fold_again_ = true;
    else
        start_fold();
}

void Ingest::start_fold() {
    folding_ = true;
    fold_again_ = fold_blocked_ = turn_was_free_ = false;
    context_.timers.cancel(fold_timer_);
    if (covered())
        start_covered_fold();
    else
        run_fold({});
}

// As many dummies are sealed as the visit is to bring, however many local messages take their places: how
// long it takes tells nothing of these.
void Ingest::start_covered_fold() {
    covered_fold_before_ = std::exchange(last_covered_fold_, context_.clock.boot_time());
    auto seal = [&random = context_.random, mean = context_.settings->cover.messages_per_visit,
                 rules = context_.store.settings().admission, state = context_.store.state(),
                 today = context_.keeper.today()]() -> Result<std::vector<Bytes>> {
        WCMP_ASSIGN(const auto count, store::draw_cover_count(mean, random));
        return store::seal_cover(count, rules, state, today, random);
    };
    context_.home.run(cover_worker_, std::move(seal), [this](Result<std::vector<Bytes>> dummies) {
        if (dummies) return run_fold(std::move(*dummies));
        folded({}, std::exchange(fold_before_, {}), {.keys = std::unexpected(dummies.error())});
    });
}

// Dummies: a fold with cover.
void Ingest::run_fold(std::optional<std::vector<Bytes>> dummies) {
    auto work = [&store = context_.store, &turn = context_.write_turn, dummies = std::move(dummies),
                 today = context_.keeper.today()]() -> Folded {
        if (!dummies && store.journal_messages() == 0) {
            turn.forget(ShortWork::fold);
            return {.keys = std::vector<MessageKey>{}};
        }
        if (!turn.try_take(ShortWork::fold))
            return {.no_turn = true, .turn_soon = turn.is_held_briefly(), .keys = std::vector<MessageKey>{}};
        auto keys = dummies ? store.fold_with_cover(*dummies, today) : store.fold(today);
        turn.give_back();
        return {.keys = std::move(keys)};
    };
    context_.home.run(
        context_.store_worker, std::move(work),
        [this, replies = std::exchange(fold_replies_, {}), before = std::exchange(fold_before_, {})](
            Folded result) mutable { folded(std::move(replies), std::move(before), std::move(result)); });
}

void Ingest::folded(std::vector<Reply<void>> replies, std::vector<Task> before, Folded result) {
    folding_ = false;
    context_.store_worked();
    if (result.no_turn || !result.keys)
        last_covered_fold_ = covered_fold_before_;
    else
        covered_fold_before_ = last_covered_fold_;
    if (result.no_turn) {
        fold_blocked_ = !turn_was_free_;
        fold_again_ |= turn_was_free_;
        for (auto& reply : replies) fold_replies_.push_back(std::move(reply));
        if (result.turn_soon) std::ranges::move(std::exchange(before, {}), std::back_inserter(fold_before_));
    } else if (!result.keys) {
        fold_failed(result.keys.error());
        for (auto& reply : replies) reply(std::unexpected(failure(result.keys.error())));
    } else {
        if (std::exchange(fold_failure_, {}) == Errc::no_space || covered())
            context_.warnings.set("store_full", false);
        const auto brought = !result.keys->empty();
        view_.arrived(*result.keys);
        view_.refresh();
        for (auto& reply : replies) reply({});
        if (brought) changed_();
    }
    for (auto& then : before) then();
    if (context_.stopping) return stop();
    const bool waits = fold_blocked_ || fold_before_.empty();
    if (fold_again_ || (!folding_ && !waits)) want_fold();
}

void Ingest::fold_failed(const Error& error) {
    if (std::exchange(fold_failure_, error.code) != error.code)
        log::warning("the journal could not be folded: " + describe(error));
    if (error.code == Errc::no_space) context_.warnings.set("store_full", true);
    context_.timers.at_latest(fold_timer_, context_.clock.boot_time() + fold_after);
}

void Ingest::stop() {
    for (auto& reply : std::exchange(fold_replies_, {})) reply(std::unexpected(stopping()));
}

}  // namespace wcmp::node
