# What every tool does alike.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
    tools=()
    for source in "$QF_ROOT"/tools/*.c; do tools+=("$(basename "$source" .c)"); done
}

# What a tool needs on its command line before it looks at its input.
arguments_of() {
    case $1 in
    qf-split) echo --test 0.2 --emit train ;;
    qf-scale) echo --fit standard --save scaler.qf ;;
    qf-predict) echo --model model.qf ;;
    qf-compare) echo - scores.qf ;;
    qf-reduce) echo --to 2 --save scaler.qf ;;
    qf-train-classic) echo --model dummy ;;
    qf-export) echo --to csv ;;
    qf-circuit) echo list ;;
    qf-keygen) echo identity --state p1 --party 1 ;;
    qf-keys) echo list --state p1 ;;
    qf-share) echo --sum ;;
    qf-seal) echo --state p1 --to 2 --roster roster.qf ;;
    qf-open) echo --state p2 --roster roster.qf ;;
    qf-qkd) echo simulate ;;
    qf-encrypt) echo --key public.qf --party 1 ;;
    qf-decrypt) echo --state p1 --set 1,3 ;;
    qf-combine) echo --ciphertext sum.qf ;;
    esac
}

# Tools that read a stream.
readers() {
    for tool in "${tools[@]}"; do
        case $tool in qf-import | qf-synth | qf-circuit | qf-keygen | qf-keys | qf-qkd) ;; *) echo "$tool" ;; esac
    done
}

make_model() {
    qf-synth --rows 100 --columns 5 > table.qf
    qf-train-classic --model dummy < table.qf > model.qf
}

# A committee of parties 1 to 3, a model that can be summed, contributions, their sum and answers for it.
make_sum() {
    local p
    for p in 1 2 3; do qf-keygen offer --state p$p --roster roster.qf --parties 3 --threshold 2; done > offers
    for p in 1 2 3; do qf-keygen accept --state p$p < offers; done
    qf-keygen public < offers > public.qf
    qf-train-classic --model mlp --set epochs=1 < table.qf > net.qf
    for p in 1 2 5; do qf-encrypt --key public.qf --state p$p --round 2 < net.qf > c$p.qf; done
    cat c?.qf > contributions
    qf-aggregate < contributions > sum.qf
    for p in 1 3; do qf-decrypt --state p$p --set 1,3 contributions; done > answers
}

# Parties 1, 2, 3 and 5 with keys in common, a share, and a sealed table for party 2.
make_parties() {
    for p in 1 2 3 5; do qf-keygen identity --state p$p --party $p > id$p.qf; done
    cat id?.qf > roster.qf
    for pair in "1 2" "3 5"; do
        set -- $pair
        qf-qkd enrol --state p$1 --peer-state p$2
        qf-qkd simulate --keys 8 --state p$1 --peer-state p$2 > /dev/null
    done
    qf-share --threshold 1 --parties 1 --into s model.qf
    qf-seal --state p1 --to 2 --roster roster.qf table.qf > sealed.qf
    make_sum
}

# What a tool takes on standard input.
input_of() {
    case $1 in
    qf-import) echo t.csv ;;
    qf-score | qf-compare) echo scores.qf ;;
    qf-report) echo metrics.qf ;;
    qf-share | qf-recover) echo s/share-1.qf ;;
    qf-open) echo sealed.qf ;;
    qf-encrypt) echo net.qf ;;
    qf-aggregate | qf-decrypt) echo contributions ;;
    qf-combine) echo answers ;;
    *) echo table.qf ;;
    esac
}

@test "--help is on standard output, with options and examples" {
    for tool in "${tools[@]}"; do
        run "$tool" --help
        [ "$status" -eq 0 ]
        [[ "${lines[0]}" == "$tool - "* ]]
        [[ "$output" == *"Usage: $tool"* && "$output" == *"Examples:"* && "$output" == *"--verbose"* ]]
        [ "$(awk 'length > 100' <<< "$output" | grep -vc '^  ' || true)" -eq 0 ]
        [ -z "$("$tool" --help 2>&1 > /dev/null)" ]
    done
}

# The tools of a committee's ceremony, whose examples make sense in this order.
ceremony=(qf-keygen qf-encrypt qf-aggregate qf-decrypt qf-combine)

# The commands of the tools' examples.
examples_of() {
    local tool
    for tool; do "$tool" --help | sed -n '/^Examples:/,/^Exit/s/^  \([^ #].*\)/\1/p'; done
}

# Runs the file "examples": no tool may complain.
run_examples() {
    bash examples > /dev/null 2> lines < /dev/null
    run grep -E '^qf-[a-z-]+: error|^examples: .*syntax' lines
    [ "$output" = "" ] || { echo "$output"; return 1; }
}

@test "the examples of --help and of qf(7) run" {
    qf-synth --rows 400 --columns 12 > table.qf
    qf-export table.qf > bank.csv
    sed '1s/fraud$/Class/' bank.csv > creditcard.csv
    qf-audit --fix --quiet table.qf > clean.qf
    qf-split --test 0.2 clean.qf > train.qf
    qf-split --test 0.2 --emit test clean.qf > test.qf
    qf-scale --fit standard --save scaler.qf < train.qf > /dev/null
    qf-reduce --to 4 --save reducer.qf < train.qf > /dev/null
    qf-train-classic --model tree < train.qf > model.qf
    qf-train-qnn --epochs 1 < train.qf > qnn.qf
    qf-predict --model model.qf < test.qf > scores.qf
    qf-score < scores.qf > a.metrics.qf
    for copy in bank huge; do cp clean.qf $copy.qf; done
    for copy in forest tree smote plain net1 twin1 net2 twin2; do cp scores.qf $copy.qf; done
    cp test.qf labelled.qf
    make_parties
    mkfifo to-alice
    qf-share --threshold 3 --parties 10 --into shares model.qf
    cp shares/* .
    for d in a b; do qf-share --threshold 3 --parties 4 --into $d model.qf; done
    for i in 1 2 3; do cat a/share-$i.qf b/share-$i.qf | qf-share --sum > sum-$i.qf; done
    qf-seal --state p3 --to 5 --roster roster.qf --round 1 < share-5.qf > for5.qf
    qf-seal --state p3 --to 5 --link qkd < share-5.qf > for5-qkd.qf
    others=()
    for tool in "${tools[@]}"; do [[ " ${ceremony[*]} " == *" $tool "* ]] || others+=("$tool"); done
    # What needs a source of keys far away is left out.
    examples_of "${others[@]}" | sed '/kme[.]example/d' > examples
    [ "$(wc -l < examples)" -gt 25 ]
    sed -n '/^\.Bd/,/^\.Ed/{/^\./d; p}' "$QF_ROOT/tools/man/qf.7" >> examples
    run_examples
}

@test "the examples of the ceremony run, one tool after the other" {
    qf-synth --rows 400 --columns 12 | qf-train-classic --model mlp --set epochs=1 > net.qf
    for copy in mlp-a mlp-b; do cp net.qf $copy.qf; done
    make_committee 10 3
    for p in 1 2 4 5 6 7 8 9 10; do
        qf-keygen identity --state p$p --party $p > id$p.qf
        qf-encrypt --key public.qf --state p$p --round 2 net.qf > c$p.qf
    done
    {
        examples_of qf-keygen qf-encrypt qf-aggregate
        echo 'for p in 5 9; do cat c*.qf | qf-decrypt --state p$p --set 2,5,9 > d$p.qf; done'
        examples_of qf-decrypt
        echo 'cat d2.qf d5.qf d9.qf > answers.qf'
        examples_of qf-combine
    } > examples
    run_examples
    qf-view --check model.qf
}

@test "--version says name and version" {
    for tool in "${tools[@]}"; do
        run "$tool" --version
        [ "$status" -eq 0 ]
        [[ "$output" =~ ^$tool\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    done
}

@test "the options of --help are those of the man page and of the completion" {
    for tool in "${tools[@]}"; do
        "$tool" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort > help
        "$tool" --man | grep -oE '^\.It .*Fl \\-[a-z-]+' | grep -oE '[a-z-]+$' | sed 's/^-*/--/' | sort > man
        "$tool" --completion | cut -d' ' -f1 | sort > completion
        diff help man
        diff help completion
    done
}

@test "an unknown option, and help that cannot be written" {
    for tool in "${tools[@]}"; do
        expect_error 64 "$tool: error: unknown option --no-such-thing; see $tool --help" "$tool" --no-such-thing
        run bash -c "$tool --help > /dev/full"
        [ "$status" -eq 74 ]
    done
}

@test "numbers out of range and words that are no numbers" {
    expect_error 64 'qf-synth: error: --rows: expected a whole number, got "many"' qf-synth --rows many
    expect_error 64 'qf-synth: error: --seed: expected a whole number from 0 to 18446744073709551615, got "-1"' qf-synth --seed=-1
    run qf-synth --rows 0
    [ "$status" -eq 64 ]
}

@test "nothing, garbage and CSV are refused by every tool that reads a stream" {
    make_model
    make_parties
    printf 'a,y\n1,0\n' > t.csv
    head -c 3000 /dev/urandom > garbage
    for tool in $(readers); do
        for input in /dev/null t.csv garbage; do
            run bash -c "$tool $(arguments_of "$tool") < $input > out"
            [ "$status" -eq 65 ] || { echo "$tool on $input: $status $output"; return 1; }
            [[ "${#lines[@]}" -eq 1 && "$output" == "$tool: error: standard input: "* ]]
            [ ! -e scaler.qf ]
        done
    done
}

@test "a stream of the wrong type is refused" {
    make_model
    make_parties
    for tool in $(readers); do
        case $tool in
        qf-view | qf-export | qf-seal) continue ;;
        qf-encrypt | qf-aggregate) other=table ;; # which take models
        *) other=model ;;
        esac
        run bash -c "$tool $(arguments_of "$tool") < $other.qf > out"
        [ "$status" -eq 65 ]
        [[ "$output" == *"expected a "*" stream, got a $other stream" ]]
    done
}

@test "a table that was cut off leads to no valid stream, from any tool" {
    make_model
    head -c -40 table.qf > cut.qf
    for tool in qf-audit qf-split qf-scale qf-reduce qf-smote qf-undersample qf-profile qf-train-classic qf-predict; do
        run bash -c "$tool $(arguments_of "$tool") < cut.qf > out"
        [ "$status" -eq 65 ] || { echo "$tool: $status"; return 1; }
        [ "${#lines[@]}" -eq 1 ]
        run ! qf-view --check out
        [ ! -e scaler.qf ]
    done
}

@test "a full disk is an error of every tool that writes" {
    make_model
    qf-predict --model model.qf < table.qf > scores.qf
    qf-score < scores.qf > metrics.qf
    make_parties
    qf-export --to csv < table.qf > t.csv
    for tool in "${tools[@]}"; do
        input=$(input_of "$tool")
        run bash -c "$tool $(arguments_of "$tool") < $input 2> errors > /dev/full"
        [ "$status" -eq 74 ] || { echo "$tool: $status"; cat errors; return 1; }
        [ "$(grep -c ': error: ' errors)" -eq 1 ]
    done
}

@test "a saved file takes the place of no pipe, device or link, and a refused one voids the table" {
    make_model
    mkfifo pipe
    cat pipe > copy &
    qf-scale --fit standard --save pipe < table.qf > /dev/null
    wait $!
    [ -p pipe ]
    qf-view --check copy
    mkdir to
    : > file
    ln -s file link
    qf-audit --report link table.qf > /dev/null || [ $? -eq 1 ]
    [ -L link ] && [ -s file ]
    cp -a /dev/full full 2> /dev/null || skip "devices cannot be made here"
    expect_error 74 'qf-scale: error: full: No space left on device' \
        bash -c 'qf-scale --fit standard --save full table.qf > out'
    [ -c full ]
    run ! qf-view --check out
    for path in to nowhere/file full; do
        run bash -c "qf-audit --report $path table.qf > out"
        [ "$status" -eq 73 ] || { [ $path = full ] && [ "$status" -eq 74 ]; }
        [ "${#lines[@]}" -eq 1 ]
        run ! qf-view --check out
    done
    [ -c full ]
    run bash -c 'qf-scale --fit standard --save full table.qf > /dev/full'
    [ "$status" -eq 74 ]
    [ -c full ]
}

@test "a closed descriptor is an error, and no file takes its place" {
    make_model
    qf-export table.qf > t.csv
    qf-predict --model model.qf table.qf > scores.qf
    qf-score scores.qf > metrics.qf
    make_parties
    for tool in "${tools[@]}"; do
        input=$(input_of "$tool")
        expect_error 74 "$tool: error: standard output: Bad file descriptor" \
            bash -c "$tool $(arguments_of "$tool") < $input >&-"
        [ ! -e scaler.qf ]
        [[ " $(readers | xargs) qf-import " != *" $tool "* ]] || expect_error 74 "$tool: error: standard input: Bad file descriptor" \
            bash -c "$tool $(arguments_of "$tool") <&-"
    done
    expect_error 74 'qf-audit: error: standard output: Bad file descriptor' \
        bash -c 'qf-audit --report lines < table.qf >&-'
    [ ! -e lines ]
    qf-scale --fit standard --save scaler.qf < table.qf > /dev/null
    mv scaler.qf expected.qf
    bash -c 'qf-scale --fit standard --save scaler.qf < table.qf 2>&- > /dev/null'
    cmp scaler.qf expected.qf
}

@test "a binary stream is not written to a terminal" {
    command -v script > /dev/null || skip "script(1) is needed to make a terminal"
    run script -qec "qf-synth --rows 60" /dev/null
    [ "$status" -eq 64 ]
    [[ "$output" == *"a table stream is binary and standard output is a terminal"* ]]
}

@test "QF_SIMD: the same bytes at every level, a level that the machine lacks is refused" {
    make_model
    for level in portable avx2 avx512; do
        QF_SIMD=$level qf-smote --seed 3 < table.qf > "$level.qf" || { [ $? -eq 69 ] && rm "$level.qf"; }
    done
    [ -e portable.qf ]
    for file in avx2.qf avx512.qf; do [ ! -e $file ] || cmp portable.qf $file; done
    QF_SIMD=mmx run qf-smote < table.qf
    [ "$status" -eq 64 ]
}

@test "install and uninstall touch only what is theirs" {
    make -s -C "$QF_ROOT" BUILD="$BUILD" install DESTDIR="$PWD/root" PREFIX=/usr > /dev/null
    [ "$(root/usr/bin/qf-view --version | cut -d' ' -f1)" = qf-view ]
    [ -s root/usr/share/man/man1/qf-split.1 ]
    [ -s root/usr/share/man/man5/qf-stream.5 ]
    [ -s root/usr/share/man/man7/qf.7 ]
    echo other > root/usr/bin/other
    make -s -C "$QF_ROOT" BUILD="$BUILD" uninstall DESTDIR="$PWD/root" PREFIX=/usr > /dev/null
    [ "$(find root -type f)" = root/usr/bin/other ]
}

@test "completion offers options and choices" {
    source "$QF_BUILD/qf.bash"
    COMP_WORDS=(qf-export --to) _qf_complete qf-export "" --to
    [[ " ${COMPREPLY[*]} " == *" jsonl "* ]]
    _qf_complete qf-export --t qf-export
    [ "${COMPREPLY[*]}" = --to ]
}

@test "completion works when a function loads it, as bash-completion does" {
    load_in_function() { source "$QF_BUILD/qf.bash"; }
    load_in_function
    _qf_complete qf-export --t qf-export
    [ "${COMPREPLY[*]}" = --to ]
}

@test "a number in provenance does not depend on how it was written" {
    qf-synth --rows 100 --columns 5 > table.qf
    qf-split --test 0.2 table.qf > a.qf
    for same in .2 0.20 2e-1; do qf-split --test $same table.qf | cmp - a.qf; done
    qf-smote --neighbours 3 < table.qf > b.qf
    qf-smote --neighbours 003 < table.qf | cmp - b.qf
}
