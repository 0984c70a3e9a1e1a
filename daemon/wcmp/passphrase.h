// Where the passphrase comes from. It is in no argument and in no environment variable.
#pragma once

#include "failure.h"

#include <cstdint>
#include <string>

namespace wcmp::program {

// Wiped when it goes.
class Passphrase {
public:
    explicit Passphrase(std::string text) : text_(std::move(text)) {}
    Passphrase(Passphrase&& other) noexcept = default;
    Passphrase& operator=(Passphrase&&) noexcept = default;
    Passphrase(const Passphrase&) = delete;
    Passphrase& operator=(const Passphrase&) = delete;
    ~Passphrase();

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// The first line of `file` if one is named, of the descriptor WCMP_PASSPHRASE_FD if that is set, or what is
// typed on the terminal without echo: twice when it is a new one.
enum class Asking : std::uint8_t { existing, fresh };
Outcome<Passphrase> ask_passphrase(const std::string& file, Asking asking);

}  // namespace wcmp::program
