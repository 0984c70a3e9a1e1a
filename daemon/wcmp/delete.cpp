// wcmp delete
#include "command.h"
#include "exit_codes.h"

namespace wcmp::program {
namespace {

Done remove(Session& session, const std::vector<std::uint32_t>& numbers) {
    WCMP_ASSIGN(auto vault, session.open_vault());
    for (const auto number : numbers) {
        if (vault.profile().find_letter(number) == nullptr)
            return refuse(exit_nothing, "no letter has the number " + std::to_string(number) +
                                            "; `wcmp inbox` tells the numbers");
        vault.remove_letter(number);
    }
    WCMP_TRY(session.at_home(vault.save()));
    return 0;
}

}  // namespace

void declare_delete(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("delete", "forget letters");
    command.footer("What was sent stays with relays and receivers; deleting it here ends sending it again.");
    const auto numbers = std::make_shared<std::vector<std::uint32_t>>();
    command.add_option("NUMBER", *numbers, "as in the inbox").required().check(check_letter_number);
    command.callback(
        [&session, &run, numbers] { run = [&session, numbers] { return remove(session, *numbers); }; });
}

}  // namespace wcmp::program
