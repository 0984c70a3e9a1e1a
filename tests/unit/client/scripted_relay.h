// A relay that says what a test tells it to say: for answers that no real relay gives.
#pragma once

#include "io/unique_fd.h"
#include "temporary_directory.h"

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wcmp::client::test {

// An answer with its length.
std::string answer(unsigned status, std::string_view body, std::string_view more_fields = {});
std::string json_answer(unsigned status, std::string_view body);
std::string problem(unsigned status, std::string_view code);

class ScriptedRelay {
public:
    struct Reply {
        std::string bytes;
        bool closes = false;  // the connection, after this reply
    };

    // Answers the requests one by one, whatever they are; then reads on and says nothing more.
    explicit ScriptedRelay(std::deque<Reply> replies);
    ScriptedRelay(const ScriptedRelay&) = delete;
    ScriptedRelay& operator=(const ScriptedRelay&) = delete;
    ~ScriptedRelay();

    std::filesystem::path socket() const { return folder_.path() / "api.sock"; }
    std::vector<std::string> requests() const;  // head and body

private:
    void serve();
    void serve(int connection);
    bool reply(int connection);

    tests::TemporaryDirectory folder_;
    io::UniqueFd listener_;
    mutable std::mutex mutex_;
    std::deque<Reply> replies_;
    std::vector<std::string> requests_;
    std::jthread thread_;
};

}  // namespace wcmp::client::test
