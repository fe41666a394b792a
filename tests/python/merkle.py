"""RFC 6962 trees, from the text of the RFC alone: roots, and whether one log holds another unchanged."""

import hashlib


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """Merkle tree hash of leaf hashes (RFC 6962 §2.1)."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def is_consistent(old_size, old_root, new_size, new_root, proof):
    """Whether a consistency proof (RFC 6962 §2.1.2) ties an earlier tree to a later one."""
    if old_size > new_size:
        return False
    if old_size == new_size or old_size == 0:
        same = old_root == new_root if old_size else old_root == root_of([])
        return same and not proof
    rest = list(proof)
    try:
        old, new = both_roots(old_size, new_size, old_root, rest, True)
    except IndexError:
        return False
    return not rest and old == old_root and new == new_root


def both_roots(old_size, size, known, proof, whole):
    """Roots of the first `old_size` leaves and of all `size`, from the end of a proof: SUBPROOF read back.

    `whole` says that the first `old_size` leaves are the earlier tree itself, whose root is known.
    """
    if old_size == size:
        root = known if whole else proof.pop()
        return root, root
    split = 1 << ((size - 1).bit_length() - 1)
    if old_size <= split:
        right = proof.pop()
        old, left = both_roots(old_size, split, known, proof, whole)
        return old, node_hash(left, right)
    left = proof.pop()
    old, right = both_roots(old_size - split, size - split, known, proof, False)
    return node_hash(left, old), node_hash(left, right)


def proof_of(old_size, hashes):
    """The consistency proof itself; for checking the check."""

    def subproof(m, part, whole):
        if m == len(part):
            return [] if whole else [root_of(part)]
        split = 1 << ((len(part) - 1).bit_length() - 1)
        if m <= split:
            return subproof(m, part[:split], whole) + [root_of(part[split:])]
        return subproof(m - split, part[split:], False) + [root_of(part[:split])]

    return subproof(old_size, hashes, True) if 0 < old_size < len(hashes) else []


def check_ourselves():
    """A check that cannot fail proves nothing: every proof of small trees, and each one altered."""
    hashes = [leaf_hash(bytes([n])) for n in range(20)]
    for new_size in range(1, 21):
        new_root = root_of(hashes[:new_size])
        for old_size in range(1, new_size + 1):
            old_root = root_of(hashes[:old_size])
            proof = proof_of(old_size, hashes[:new_size])
            assert is_consistent(old_size, old_root, new_size, new_root, proof)
            assert not is_consistent(old_size, old_root, new_size, leaf_hash(b"x"), proof)
            assert not is_consistent(old_size, leaf_hash(b"x"), new_size, new_root, proof)
            assert not is_consistent(old_size, old_root, new_size, new_root, proof + [new_root])
            for at in range(len(proof)):
                altered = proof[:at] + [leaf_hash(b"x")] + proof[at + 1 :]
                assert not is_consistent(old_size, old_root, new_size, new_root, altered)


if __name__ == "__main__":
    check_ourselves()
