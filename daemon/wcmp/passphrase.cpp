#include "passphrase.h"

#include "crypto/secret.h"
#include "exit_codes.h"
#include "io/unique_fd.h"
#include "quiet_terminal.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::program {
namespace {

constexpr std::size_t passphrase_bytes_max = 1024;

void wipe(std::string& text) {
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

// Up to a line end, one byte at a time: what follows belongs to somebody else.
template <class Wait>
Outcome<Passphrase> read_line(int descriptor, Wait wait) {
    std::string line;
    line.reserve(passphrase_bytes_max + 1);  // so that no copy is left behind
    for (;;) {
        char c = 0;
        WCMP_TRY(wait(line));
        const auto got = ::read(descriptor, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            wipe(line);
            return std::unexpected(Failure(error_from_errno("cannot read the passphrase", errno)));
        }
        if (got == 0 || c == '\n') break;
        if (line.size() == passphrase_bytes_max) {
            wipe(line);
            return refuse(exit_usage, "the passphrase is longer than 1024 bytes");
        }
        line.push_back(c);
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return Passphrase(std::move(line));
}

Outcome<Passphrase> read_line(int descriptor) {
    return read_line(descriptor, [](std::string&) { return Result<void>{}; });
}

void say(int terminal, const char* text) {
    std::ignore = ::write(terminal, text, std::strlen(text));
}

// After a stop the person begins anew, as the prompt says.
Outcome<Passphrase> type_in(int terminal, const char* prompt) {
    QuietTerminal quiet(terminal);
    if (!quiet.is_quiet()) return refuse(exit_usage, "the terminal's echo cannot be switched off");
    say(terminal, prompt);
    auto line = read_line(terminal, [&](std::string& typed) {
        return quiet.wait([&] {
            wipe(typed);
            typed.clear();
            say(terminal, prompt);
        });
    });
    say(terminal, "\n");
    return line;
}

Outcome<Passphrase> from_terminal(Asking asking) {
    const io::UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal)
        return refuse(exit_usage,
                      "there is no terminal to ask for the passphrase; use --passphrase-file or "
                      "WCMP_PASSPHRASE_FD");
    WCMP_ASSIGN(auto first,
                type_in(terminal.get(), asking == Asking::fresh ? "New passphrase: " : "Passphrase: "));
    if (asking == Asking::existing) return first;
    WCMP_ASSIGN(const auto second, type_in(terminal.get(), "The same once more: "));
    if (first.text() != second.text()) return refuse(exit_usage, "the two passphrases differ");
    return first;
}

Outcome<Passphrase> from_file(const std::string& path) {
    const io::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::unexpected(at(path, error_from_errno("cannot open the passphrase file", errno)));
    return read_line(file.get());
}

Outcome<Passphrase> from_descriptor(std::string_view text) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0)
        return refuse(exit_usage, "WCMP_PASSPHRASE_FD is not the number of a descriptor");
    return read_line(number);
}

Outcome<Passphrase> from_anywhere(const std::string& file, Asking asking) {
    if (!file.empty()) return from_file(file);
    const char* const descriptor = std::getenv("WCMP_PASSPHRASE_FD");
    if (descriptor != nullptr && *descriptor != '\0') return from_descriptor(descriptor);
    return from_terminal(asking);
}

}  // namespace

Passphrase::~Passphrase() {
    wipe(text_);
}

Outcome<Passphrase> ask_passphrase(const std::string& file, Asking asking) {
    auto passphrase = from_anywhere(file, asking);
    if (passphrase && passphrase->text().empty())
        return refuse(exit_usage, (file.empty() ? "" : file + ": ") + "the passphrase is empty");
    return passphrase;
}

}  // namespace wcmp::program
