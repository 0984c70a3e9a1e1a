// wcmp send
#include "client/date.h"
#include "client/mailbox.h"
#include "command.h"
#include "content.h"
#include "core/hex.h"
#include "core/limits.h"
#include "exit_codes.h"
#include "message/seal.h"
#include "show.h"

#include <algorithm>
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

Outcome<client::SealedLetter> seal(Session& session, const client::Profile& profile, const Order& order,
                                   ByteView content, Day today) {
    auto sealed = client::compose(profile, order.draft, content, today, session.random());
    if (!sealed && sealed.error().code == Errc::too_large && !order.draft.large)
        return refuse(exit_data,
                      "the content has more than " +
                          std::to_string(message::content_bytes_max(message::unasked_body_exp_max)) +
                          " bytes; nothing hides among messages so large, --large sends it all the same");
    WCMP_TRY(sealed);
    return std::move(*sealed);
}

void tell(const Session& session, const client::Letter& letter) {
    if (session.options.json)
        print(to_json(letter));
    else
        std::cerr << "sealed for " << people_of(letter) << ", until " << client::to_date(letter.expires)
                  << '\n';
}

Done enqueue(Session& session, client::Mailbox& mailbox, client::SealedLetter sealed) {
    const auto letter = sealed.letter;
    WCMP_ASSIGN(const auto sent, session.at_home(mailbox.send(std::move(sealed))));
    if (sent.enqueued) {
        tell(session, letter);
        return 0;
    }
    Failure failure(sent.enqueued.error());
    if (sent.kept) failure.advice = "the message is kept, and `wcmp inbox` sends it once the relay takes it";
    return std::unexpected(failure);
}

Done send(Session& session, const Order& order) {
    WCMP_ASSIGN(const auto content,
                read_content(order.file, message::content_bytes_max(limits::body_exp_max)));
    if (content.empty()) return refuse(exit_data, "there is nothing to send: the content is empty");
    WCMP_ASSIGN(auto vault, session.open_vault());
    WCMP_TRY(check_names(vault.profile(), order.draft));
    client::Mailbox mailbox(vault, session.relay());
    WCMP_ASSIGN(const Day today, mailbox.today());
    WCMP_ASSIGN(auto sealed, seal(session, vault.profile(), order, content, today));
    if (order.output.empty()) return enqueue(session, mailbox, std::move(sealed));
    WCMP_TRY(write_new_file(order.output, sealed.message));
    tell(session, sealed.letter);
    return 0;
}

}  // namespace

void declare_send(CLI::App& app, Session& session, Run& run) {
    auto* const command = app.add_subcommand("send", "seal a message, and give it to the relay");
    command->footer(examples);
    const auto order = std::make_shared<Order>();
    command->add_option("FILE", order->file, "the content; standard input when there is none, or -");
    command->add_option("--to", order->draft.to, "a contact; may be repeated")
        ->required()
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false);
    auto* const from = command->add_option("--from", order->draft.from, "your key, when you have several");
    from->type_name("NAME");
    command->add_option("--days", order->draft.lifetime_days, "lifetime: 7, 28, 56 or 168 (default 28)")
        ->check(CLI::IsMember({7, 28, 56, 168}));
    command->add_flag("--anonymous", order->draft.anonymous, "receivers see that nobody signed it")
        ->excludes(from);
    command->add_flag("--large", order->draft.large, "allow sizes that stand out");
    command->add_option("--output", order->output, "write the sealed message to a new file instead")
        ->type_name("FILE");
    command->callback([&session, &run, order] { run = [&session, order] { return send(session, *order); }; });
}

}  // namespace wcmp::program
