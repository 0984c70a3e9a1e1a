// What every benchmark here needs to be a row of the table of its own: an error that ends it alone, a clock,
// and sizes that can be made small.
#pragma once

#include "core/error.h"

#include <functional>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

namespace wcmp::bench {

// The value, or an exception, which ends this row and no other: see measured().
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline void must_be(bool holds, const char* otherwise) {
    if (!holds) throw std::runtime_error(otherwise);
}

double seconds_of(const std::function<void()>& work);

// `count`, or fewer where WCMP_BENCH_SHARE is below 1: to see that a program works, not to measure.
std::size_t scaled(std::size_t count);

// Runs the body once for each iteration, timed by what it answers. What it throws is what the row says.
void measured(benchmark::State& state, const std::function<double()>& body);

}  // namespace wcmp::bench
