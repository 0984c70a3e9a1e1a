// The two hashes that name a message, from one pass over its bytes (FORMAT.md, section 3).
#pragma once

#include "core/ids.h"

#include <memory>

namespace wcmp::message {

struct Identity {
    MessageId id;
    Digest
        digest;  // zero for a suite that is not known, exponents out of range, or a length that is not theirs
};

// Keeps its hash state between calls, so that nothing is allocated for each message but what the
// library itself needs. Not for two threads at once.
class Identifier {
public:
    Identifier();
    Identifier(Identifier&&) noexcept;
    Identifier& operator=(Identifier&&) noexcept;
    Identifier(const Identifier&) = delete;
    Identifier& operator=(const Identifier&) = delete;
    ~Identifier();

    Identity identify(ByteView message);

private:
    struct State;
    std::unique_ptr<State> state_;
};

MessageId message_id(ByteView message);

}  // namespace wcmp::message
