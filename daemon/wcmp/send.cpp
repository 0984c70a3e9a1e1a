// wcmp send
#include "client/date.h"
#include "client/mailbox.h"
#include "command.h"
#include "content.h"
#include "core/hex.h"
#include "core/limits.h"
#include "day_warning.h"
#include "exit_codes.h"
#include "message/layout.h"
#include "message/seal.h"
#include "show.h"

#include <algorithm>
#include <functional>
#include <iostream>

namespace wcmp::program {
namespace {

struct Order {
    client::Draft draft;
    std::string file;
    std::string output;
};

const char* const examples = R"(Examples:
  echo "The bridge is closed." | wcmp send --to bob
  wcmp send --to bob --to carol --days 7 report.txt
  wcmp send --to bob --anonymous note.txt
  wcmp send --to bob --output sealed.msg note.txt

A message is dead on its day, on every relay: choose the lifetime that it needs.)";

Outcome<void> check_names(const client::Profile& profile, const client::Draft& draft) {
    for (const auto& name : draft.to)
        if (profile.find_contact(name) == nullptr)
            return refuse(exit_nothing,
                          "no contact named " + name + "; `wcmp contact list` tells which there are");
    if (draft.anonymous) return {};
    if (!draft.from.empty() && profile.find_key(draft.from) == nullptr)
        return refuse(exit_nothing, "no key named " + draft.from + "; `wcmp key list` tells which there are");
    if (profile.keys.empty())
        return refuse(exit_nothing,
                      "you have no key yet; `wcmp key new NAME` makes one, --anonymous needs none");
    if (draft.from.empty() && profile.keys.size() > 1)
        return refuse(
            exit_usage,
            "you have several keys: choose one with --from (`wcmp key list` tells which there are)");
    return {};
}

// What the relay takes, for so many receivers.
std::size_t largest_content(const client::RelayLimits& limits, std::size_t receivers) {
    unsigned slot_exp = limits::slot_exp_min;
    while (slot_exp < limits::slot_exp_max && (std::size_t{1} << slot_exp) < receivers) ++slot_exp;
    unsigned body_exp = limits::body_exp_max;
    while (body_exp > limits::body_exp_min &&
           message::message_bytes(body_exp, slot_exp) > limits.message_bytes_max)
        --body_exp;
    return message::content_bytes_max(body_exp);
}

// Read only once everything else is right: what was typed is not lost to a wrong name.
Outcome<Bytes> content_of(const Order& order, const client::RelayLimits& limits) {
    const auto most = largest_content(limits, order.draft.to.size());
    const auto hidden = message::content_bytes_max(message::unasked_body_exp_max);
    const bool may_be_larger = !order.draft.large && hidden < most;
    const auto bytes_max = may_be_larger ? hidden : most;
    const auto bytes = std::to_string(bytes_max);
    const auto too_large =
        may_be_larger
            ? "the content has more than " + bytes + " bytes; nothing hides among messages so large, " +
                  "--large sends it all the same (up to " + std::to_string(most) + " bytes)"
            : "the content has more than " + bytes +
                  " bytes, the most that this relay takes in a message; send it in parts";
    WCMP_ASSIGN(auto content, read_content(order.file, bytes_max, too_large));
    if (content.empty()) return refuse(exit_data, "there is nothing to send: the content is empty");
    return content;
}

void tell(const Session& session, const client::Letter& letter) {
    if (session.options.json)
        print(to_json(letter));
    else
        std::cerr << "sealed for " << people_of(letter) << ", until " << client::to_date(letter.expires)
                  << '\n';
}

// A relay that has no room for all takes a random share, by their ids.
bool drew_a_blank(Session& session) {
    const auto& problem = session.relay().problem();
    return problem.code == "refused" && problem.rule == "evicted";
}

using Seal = std::function<Result<client::SealedLetter>()>;

// Sealed again, a message has another id, and draws again.
Done enqueue(Session& session, client::Mailbox& mailbox, const Seal& seal) {
    constexpr int draws_max = 100;
    for (int draw = 1;; ++draw) {
        WCMP_ASSIGN(auto sealed, seal());
        WCMP_ASSIGN(const auto sent, session.at_home(mailbox.send(std::move(sealed))));
        if (sent.enqueued) {
            tell(session, sent.letter);
            return 0;
        }
        if (draw < draws_max && drew_a_blank(session)) continue;
        Failure failure(sent.enqueued.error());
        if (sent.kept && failure.exit_code == exit_data)
            failure.exit_code = exit_nothing;  // another relay takes it
        if (sent.kept)
            failure.advice = "the message is kept, and `wcmp inbox` sends it once the relay takes it";
        return std::unexpected(failure);
    }
}

// Others may use the home while the content is typed.
Outcome<void> check_order(Session& session, const Order& order) {
    WCMP_ASSIGN(const auto vault, session.open_vault());
    return check_names(vault.profile(), order.draft);
}

Done send(Session& session, const Order& order) {
    WCMP_TRY(check_order(session, order));
    WCMP_ASSIGN(const auto limits, session.relay().limits());
    WCMP_ASSIGN(const auto content, content_of(order, limits));
    WCMP_ASSIGN(auto vault, session.open_vault());
    WCMP_TRY(check_names(vault.profile(), order.draft));
    client::Mailbox mailbox(vault, session.relay(), session.clock());
    WCMP_ASSIGN(const auto day, mailbox.today());
    std::cerr << day_warning(day.doubt, mailbox.relay_day(), day.today);
    const Seal seal = [&] {
        return client::compose(vault.profile(), order.draft, content, day.today, session.random());
    };
    if (order.output.empty()) return enqueue(session, mailbox, seal);
    WCMP_ASSIGN(const auto sealed, seal());
    WCMP_TRY(write_new_file(order.output, sealed.message));
    tell(session, sealed.letter);
    return 0;
}

}  // namespace

void declare_send(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("send", "seal a message, and give it to the relay");
    command.footer(examples);
    const auto order = std::make_shared<Order>();
    command.add_option("FILE", order->file, "the content; standard input when there is none, or -");
    command.add_option("--to", order->draft.to, "a contact; may be repeated")
        .required()
        .type_name("NAME")
        .repeated();
    auto from = command.add_option("--from", order->draft.from, "your key, when you have several");
    from.type_name("NAME");
    command.add_option("--days", order->draft.lifetime_days, "lifetime: 7, 28, 56 or 168 (default 28)")
        .one_of({7, 28, 56, 168});
    command.add_flag("--anonymous", order->draft.anonymous, "receivers see that nobody signed it")
        .excludes(from);
    command.add_flag("--large", order->draft.large, "allow sizes that stand out");
    command.add_option("--output", order->output, "write the sealed message to a new file instead")
        .type_name("FILE");
    command.callback([&session, &run, order] { run = [&session, order] { return send(session, *order); }; });
}

}  // namespace wcmp::program
