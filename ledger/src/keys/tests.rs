//! The invariants of SPEC §5 and §6, tested against what an attacker sees: every byte ever written.

mod boot_table;
mod closure;
mod crash;
mod model;
mod passphrases;
mod records;
mod rotations;
mod sealed_values;
mod shares;
mod vaults;
