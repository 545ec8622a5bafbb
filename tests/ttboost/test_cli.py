"""The commands as somebody types them. Most run in this process, a few as processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.license_keys import normalise
from storage import migrations
from ttboost import cli


@pytest.fixture
def key(ttboost) -> str:
    return ttboost("license", "issue", "--days", "30", "--plan", "studio")[1]


COMMANDS = [
    ["demo"],
    ["serve"],
    ["doctor"],
    ["bench"],
    *[
        ["license", name]
        for name in (
            "issue",
            "list",
            "show",
            "extend",
            "suspend",
            "resume",
            "revoke",
            "rotate",
            "transfer",
            "batches",
        )
    ],
    *[["user", name] for name in ("list", "show", "rename", "reset-password", "ban", "unban")],
    ["admin", "grant"],
    ["admin", "revoke"],
    *[["wallet", name] for name in ("credit", "debit", "verify")],
    ["live", "record"],
    ["live", "inspect"],
    ["db", "upgrade"],
    ["db", "backup"],
    ["db", "restore"],
    ["db", "copy"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: list[str], capsys):
    assert cli.run([*command, "--help"]) == 0

    told = " ".join(capsys.readouterr().out.split())
    assert f"Example: ttboost {' '.join(command)}" in told
    assert "--config FILE" in told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["license"],
        ["license", "issue"],
        ["license", "issue", "--days", "0"],
        ["license", "issue", "--days", "many"],
        ["license", "show"],
        ["wallet", "credit", "streamer123", "5"],
        ["license", "issue", "--days", "1", "--color", "red"],
        ["serve", "--roles", "web,cook"],
        ["demo", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str], capsys):
    assert cli.run(arguments) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1


def test_keys_are_issued_as_lines(ttboost):
    code, out, _ = ttboost("license", "issue", "--days", "7", "--count", "3", "--note", "reseller")

    assert code == 0
    assert [normalise(line) for line in out.split("\n")] == out.split("\n")
    assert len(set(out.split("\n"))) == 3


def test_keys_are_issued_as_json(ttboost):
    _, out, _ = ttboost("license", "issue", "--days", "7", "--count", "2", "--plan", "studio", "--json")

    keys = [one["key"] for one in json.loads(out)]
    assert json.loads(out) == [{"key": key, "plan": "studio", "days": 7} for key in keys]
    assert len(set(keys)) == 2


def test_one_key_is_an_array_too(ttboost):
    assert len(json.loads(ttboost("license", "issue", "--days", "7", "--json")[1])) == 1


def test_a_plan_that_is_not_configured_is_refused(ttboost):
    code, out, err = ttboost("license", "issue", "--days", "7", "--plan", "gold")

    assert (code, out) == (1, "")
    assert err == "error: no such plan: gold (known: studio)"


def test_a_key_is_shown_by_its_last_six_letters(ttboost, key: str):
    code, out, _ = ttboost("license", "show", key[-7:].replace("-", "").lower())

    facts = dict(line.split(": ", 1) for line in out.split("\n")[:10])
    assert code == 0
    assert key not in out
    assert (facts["plan"], facts["status"], facts["days"], facts["user"]) == ("studio", "new", "30", "-")


@pytest.mark.parametrize(
    ("key", "words"),
    [("TTB-0000-0000-0000", "license not found"), ("TTB-0000-0000-0001", "invalid license key")],
)
def test_unknown_and_mistyped_keys_are_told_apart(ttboost, key: str, words: str):
    assert ttboost("license", "revoke", key) == (1, "", f"error: {words}")


def test_a_license_goes_through_its_life(ttboost, key: str):
    told = [
        ttboost("license", "extend", key, "--days", "5"),
        ttboost("license", "suspend", key),
        ttboost("license", "resume", key),
        ttboost("license", "transfer", key, "tg:77"),
    ]

    assert [code for code, _, _ in told] == [0, 0, 0, 0]
    assert [line.split("\t")[2:6] for _, line, _ in told] == [
        ["new", "35", "35.0", "-"],
        ["suspended", "35", "35.0", "-"],
        ["new", "35", "35.0", "-"],
        ["active", "35", "35.0", "tg:77"],
    ]


def test_rotating_prints_the_new_key(ttboost, key: str):
    code, new, _ = ttboost("license", "rotate", key)

    assert code == 0
    assert normalise(new) != key
    assert ttboost("license", "show", key)[1].split("\n")[2] == "status: revoked"
    assert "license.rotate" in ttboost("license", "show", key)[1]


def test_a_batch_is_a_file_and_is_followed(ttboost, tmp_path: Path):
    file = tmp_path / "keys.csv"

    code, told, _ = ttboost(
        *("license", "issue", "--days", "7", "--count", "3", "--note", "=SUM(A1)", "--file", str(file))
    )

    assert (code, told) == (0, f"3 keys in {file}")
    head, *rows = file.read_text("utf-8").splitlines()
    assert head == "license_key,plan,days,batch,note"
    assert file.stat().st_mode & 0o777 == 0o600
    key, plan, days, batch, note = rows[0].split(",")
    assert (normalise(key), plan, days, note) == (key, "studio", "7", "'=SUM(A1)")
    ttboost("license", "revoke", key)
    assert ttboost("license", "batches")[1].split("\n")[1].split("\t")[:7] == [
        *(batch, "studio", "7", "3", "0", "0", "1")
    ]
    assert len(ttboost("license", "list", "--batch", batch)[1].split("\n")) == 4


def test_a_file_that_is_there_is_kept_and_nothing_issued(ttboost, tmp_path: Path):
    file = tmp_path / "keys.csv"
    file.write_text("mine")

    code, _, complaint = ttboost("license", "issue", "--days", "7", "--file", str(file))

    assert (code, complaint) == (1, f"error: cannot write {file}: File exists")
    assert file.read_text() == "mine"
    assert ttboost("license", "batches")[1].count("\n") == 0


def test_licenses_are_listed_by_status(ttboost, key: str):
    other = ttboost("license", "issue", "--days", "1")[1]
    ttboost("license", "revoke", other)

    rows = ttboost("license", "list", "--status", "revoked")[1].split("\n")

    assert [row.split("\t")[0] for row in rows] == ["KEY", other.replace("-", "")[-6:]]
    assert ttboost("license", "list", "--status", "lost")[0] == 1


def test_a_person_who_has_not_come_yet_can_be_administrator(ttboost):
    assert ttboost("admin", "grant", "tg:77")[1].split("\t")[2:4] == ["tg:77", "admin"]
    assert ttboost("admin", "revoke", "tg:77")[1].split("\t")[2:4] == ["tg:77", "user"]


def test_an_account_is_named_banned_and_given_a_password(ttboost):
    ttboost("user", "ban", "tg:77")
    ttboost("user", "rename", "tg:77", "streamer123")

    code, password, _ = ttboost("user", "reset-password", "streamer123")
    facts = ttboost("user", "show", "streamer123")[1]

    assert code == 0
    assert len(password) >= 12
    assert "banned: yes" in facts
    assert "cli user.reset_password" in facts
    assert password not in facts
    assert ttboost("user", "unban", "streamer123")[1].endswith("\t-")
    assert "streamer123" in ttboost("user", "list", "@STREAM")[1]


def test_an_unknown_user_is_told(ttboost):
    assert ttboost("user", "show", "nobody") == (1, "", "error: user not found")


def test_users_are_listed(ttboost):
    ttboost("admin", "grant", "tg:77")

    assert [row.split("\t")[2] for row in ttboost("user", "list")[1].split("\n")] == ["TELEGRAM", "tg:77"]


def test_admins_of_the_configuration_are_shown_as_such(ttboost, config_file: Path):
    ttboost("user", "ban", "tg:77")
    ttboost("user", "unban", "tg:78")
    config_file.write_text(f"{config_file.read_text()}\n[telegram]\nadmin_ids = [77]\n")

    assert [row.split("\t")[2:4] for row in ttboost("user", "list")[1].split("\n")[1:]] == [
        ["tg:77", "admin"],
        ["tg:78", "user"],
    ]
    assert "role: admin (telegram.admin_ids)" in ttboost("user", "show", "tg:77")[1]
    assert "role: user\n" in ttboost("user", "show", "tg:78")[1]


def test_a_wrong_configuration_is_one_line(ttboost, config_file: Path):
    config_file.write_text("[web]\nprot = 1\n")

    code, out, err = ttboost("license", "list")

    assert (code, out) == (1, "")
    assert err.startswith("error: configuration: web.prot: ")
    assert "\n" not in err


def test_backup_and_restore_bring_everything_back(ttboost, key: str, tmp_path: Path):
    file = str(tmp_path / "backup.tar")
    assert ttboost("db", "backup", file)[0] == 0
    ttboost("license", "revoke", key)

    refused = ttboost("db", "restore", file)
    restored = ttboost("db", "restore", file, "--force")

    assert refused[0] == 1
    assert "--force" in refused[2]
    assert restored[0] == 0
    assert "status: new" in ttboost("license", "show", key)[1]


def test_a_backup_starts_on_a_fresh_machine(ttboost, key: str, tmp_path: Path, config_file: Path):
    ttboost("db", "backup", str(tmp_path / "backup.tar"))
    config_file.write_text(f'data_dir = "{tmp_path / "elsewhere"}"\n')

    assert ttboost("db", "restore", str(tmp_path / "backup.tar"))[0] == 0
    assert "status: new" in ttboost("license", "show", key)[1]


def test_a_missing_backup_is_told(ttboost, tmp_path: Path):
    code, _, err = ttboost("db", "restore", str(tmp_path / "nothing.tar"))

    assert code == 1
    assert err.startswith("error: ")


def test_upgrading_says_the_revision(ttboost):
    assert ttboost("db", "upgrade")[:2] == (0, migrations.head())


def test_a_live_is_recorded_and_inspected(ttboost, config_file: Path, tmp_path: Path):
    config_file.write_text('[live]\nsource = "replay"\n[live.replay]\nspeed = 0\nloop = false\n')
    file = str(tmp_path / "evening.frames")

    recorded = ttboost("live", "record", "@Streamer123", "--out", file)
    code, out, _ = ttboost("live", "inspect", file)

    assert recorded[0] == 0
    assert recorded[1].endswith("frames")
    assert code == 0
    assert out.split("\n")[0] == "streamer: streamer123"
    assert ttboost("live", "record", "streamer123", "--out", file)[2].endswith("exists already")


def test_a_file_that_is_no_recording_is_told(ttboost, config_file: Path):
    assert ttboost("live", "inspect", str(config_file))[2] == f"error: {config_file} is not a recording"


# As processes


def process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ttboost.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_without_a_file_data_is_kept_under_the_working_directory(tmp_path: Path):
    done = process("license", "issue", "--days", "30", "--json", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["days"] == 30
    assert (tmp_path / "data" / "ttboost.db").is_file()
    assert (tmp_path / "data" / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_commands_that_start_together_on_an_empty_directory_all_work(tmp_path: Path):
    command = [sys.executable, "-c", "from ttboost.cli import main; main()"]
    issue = [*command, "license", "issue", "--days", "1"]
    started = [
        subprocess.Popen(issue, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    ended = [(*one.communicate(timeout=120), one.returncode) for one in started]

    assert [(err, code) for _, err, code in ended] == [("", 0)] * 2
    listed = process("license", "list", cwd=tmp_path).stdout
    assert all(out.strip().replace("-", "")[-6:] in listed for out, _, _ in ended)


def test_refusals_exit_with_1_and_say_why_on_stderr(tmp_path: Path):
    done = process("user", "show", "nobody", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "error: user not found\n")
