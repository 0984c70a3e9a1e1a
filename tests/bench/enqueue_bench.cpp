// What a client waits for when it hands over a message: the journal's commit, against overwriting as many
// bytes of a file and syncing them, in turns.
#include "io/system_clock.h"
#include "made_messages.h"
#include "row.h"
#include "scratch.h"
#include "store/store.h"

namespace wcmp::bench {
namespace {

constexpr std::size_t group = limits::journal_group_max;

std::vector<Bytes> new_messages(SeededRandom& random, std::size_t count) {
    std::vector<Bytes> messages;
    messages.reserve(count);
    for (std::size_t i = 0; i < count; ++i) messages.push_back(made_message(random, {usual_first_day}));
    return messages;
}

// A store, and a file beside it that is written once, whole.
class Ground {
public:
    Ground() : directory_(folder(scratch_ / "beside")) {
        store::OpenReport report;
        store_ = must(store::Store::open(folder(scratch_ / "store"), {.store_keep_free_bytes = 0},
                                         usual_today, {clock_, random_}, report));
        file_ = must(directory_->create("overwritten"));
        must(file_->write_at(0, Bytes(limits::journal_file_bytes)));
        must(file_->sync());
    }

    double enqueue_s(std::span<const Bytes> messages) {
        std::vector<Result<store::Enqueued>> results;
        const double seconds = seconds_of([&] { results = store_->enqueue(messages, usual_today); });
        for (const auto& result : results) must_be(result && !result->in_bundle, "the journal took it not");
        if (store_->journal_bytes() > limits::journal_fold_bytes) must(store_->fold(usual_today));
        return seconds;
    }

    double overwrite_s(ByteView bytes) {
        if (at_ + bytes.size() > limits::journal_file_bytes) at_ = 0;
        const double seconds = seconds_of([&] {
            must(file_->write_at(at_, bytes));
            must(file_->sync_data());
        });
        at_ += bytes.size();
        return seconds;
    }

private:
    Scratch scratch_;
    io::SystemClock clock_;
    io::SystemRandom random_;
    std::unique_ptr<io::Directory> directory_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<io::WritableFile> file_;
    std::uint64_t at_ = 0;
};

void enqueue(benchmark::State& state) {
    measured(state, [&] {
        Ground ground;
        SeededRandom random(1);
        const std::size_t rounds = scaled(400);
        double single = 0;
        double limit = 0;
        double groups = 0;
        std::size_t grouped = 0;
        for (std::size_t i = 0; i < rounds; ++i) {
            const auto one = new_messages(random, 1);
            limit += ground.overwrite_s(one[0]);
            single += ground.enqueue_s(one);
            if (i % 8 != 0) continue;
            groups += ground.enqueue_s(new_messages(random, group));
            grouped += group;
        }
        const auto singles = static_cast<double>(rounds);
        state.counters["limit_us"] = limit / singles * 1e6;
        state.counters["single_us"] = single / singles * 1e6;
        state.counters["share"] = limit / single;
        state.counters["group_times"] = (static_cast<double>(grouped) / groups) / (singles / single);
        return single / singles;
    });
}
BENCHMARK(enqueue)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wcmp::bench
