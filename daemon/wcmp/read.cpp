// wcmp read
#include "client/printable.h"
#include "command.h"
#include "content.h"
#include "core/hex.h"
#include "crypto/secret.h"
#include "exit_codes.h"
#include "show.h"

#include <iostream>

namespace wcmp::program {
namespace {

struct Which {
    std::uint32_t number = 0;
    std::string output;
};

// By the rules of printable(): what it leaves alone is UTF-8, and what it escapes is not wanted as text.
bool is_utf8(ByteView content) {
    const std::string text(content.begin(), content.end());
    return client::printable(text, client::Lines::kept) == text;
}

// In JSON, the content as text when it is text, and as hexadecimal digits always.
void print_json(const client::Letter& letter, ByteView content) {
    auto object = to_json(letter);
    if (is_utf8(content)) object["text"] = std::string(content.begin(), content.end());
    object["content_hex"] = to_hex(content);
    print(object);
}

// Who wrote it comes before what was written: a signature's word, or that there is none.
std::string heading(const client::Letter& letter) {
    const auto number = "letter " + std::to_string(letter.number);
    if (letter.contacts.empty())
        return number + ", unauthenticated: somebody who knows your key wrote it, no more\n";
    return number + " from " + people_of(letter) + ", verified by the signature\n";
}

Outcome<void> give(const Session& session, const Which& which, const client::Letter& letter,
                   ByteView content) {
    if (session.options.json && which.output.empty()) {
        print_json(letter, content);
        return {};
    }
    const bool on_terminal = which.output.empty() && is_terminal_output();
    if (!session.options.json) (on_terminal ? std::cout : std::cerr) << heading(letter) << std::flush;
    if (!which.output.empty()) return write_new_file(which.output, content);
    print_content(content);
    std::cout.flush();
    return {};
}

Done read(Session& session, const Which& which) {
    WCMP_ASSIGN(auto vault, session.open_vault());
    auto* const letter = vault.profile().find_letter(which.number);
    if (letter == nullptr)
        return refuse(exit_nothing, "no letter has the number " + std::to_string(which.number) +
                                        "; `wcmp inbox` tells the numbers");
    if (letter->kind == client::LetterKind::sent)
        return refuse(exit_nothing, "you sent this one: only its receivers can read it");
    WCMP_ASSIGN(auto content, at("letter " + std::to_string(which.number), vault.content(*letter)));
    const crypto::WipeOnExit wiped(content);
    letter->read = true;
    WCMP_TRY(give(session, which, *letter, content));
    if (const auto saved = session.at_home(vault.save()); !saved)
        std::cerr << "wcmp: the letter stays marked as not read: " << client::printable(saved.error().text)
                  << '\n';
    return 0;
}

}  // namespace

void declare_read(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("read", "print a letter");
    const auto which = std::make_shared<Which>();
    command.add_option("NUMBER", which->number, "as in the inbox").required().check(check_letter_number);
    command.add_option("--output", which->output, "write it to a new file instead").type_name("FILE");
    command.callback([&session, &run, which] { run = [&session, which] { return read(session, *which); }; });
}

}  // namespace wcmp::program
