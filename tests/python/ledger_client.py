"""A stock gRPC client of a referral ledger: messages come from server reflection, nothing is generated.

Needs the packages grpcio, grpcio-reflection and protobuf (.ci/requirements.txt).
"""

import base64
import hashlib
import os
import uuid

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


class Refused(Exception):
    """The server said no: the gRPC code, the reason of google.rpc.ErrorInfo, what it is about."""

    def __init__(self, error):
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
        info = error_info(details)
        self.code = error.code().name
        self.reason = info.get("reason", "")
        self.domain = info.get("domain", "")
        self.about = info.get("metadata", {}).get("about", "")
        super().__init__(f"{self.code} {self.reason} {self.about}: {error.details()}")


class Client:
    """A connection; every call names who asks by their token."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(self.channel).result(timeout=60)
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.services = sorted(database.get_services())
        self.pool = DescriptorPool(database)
        self.calls = {}

    def ask(self, token, method, fields=None):
        """Calls a method with a message given as JSON; the answer as JSON."""
        call, request = self.prepared(method, fields or {})
        try:
            answer = call(request, metadata=headers(token), timeout=60)
        except grpc.RpcError as error:
            raise Refused(error) from None
        return as_json(answer)

    def command(self, token, method, fields, version=None):
        """The same for a command: with a fresh request id, and the version it was decided on."""
        meta = {"request_id": str(uuid.uuid4())}
        if version is not None:
            meta["expected_version"] = version
        return self.ask(token, method, {"meta": meta, **fields})

    def stream(self, token, method, fields=None):
        """All items of a server stream, as messages."""
        call, request = self.prepared(method, fields or {})
        return list(call(request, metadata=headers(token), timeout=60))

    def prepared(self, method, fields):
        if method not in self.calls:
            service, name = method.split("/")
            rpc = self.pool.FindServiceByName(service).methods_by_name[name]
            kind = self.channel.unary_stream if rpc.server_streaming else self.channel.unary_unary
            request = message_factory.GetMessageClass(rpc.input_type)
            answer = message_factory.GetMessageClass(rpc.output_type)
            call = kind(
                f"/{method}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer.FromString,
            )
            self.calls[method] = (call, request)
        call, request = self.calls[method]
        return call, json_format.ParseDict(fields, request())


def headers(token):
    return (("authorization", f"Bearer {token}"),) if token else ()


def as_json(message):
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def fresh_token():
    """A token and what the ledger is told of it."""
    token = "rl_" + base64.urlsafe_b64encode(os.urandom(32)).decode("ascii").rstrip("=")
    digest = hashlib.sha256(token.encode("ascii")).digest()
    return token, base64.b64encode(digest).decode("ascii")


# --- google.rpc.Status, read by its wire format: a stock client has no generated code for it. -----------


def error_info(status):
    """The ErrorInfo in a serialised google.rpc.Status."""
    for number, detail in fields_of(status):
        if number != 3:
            continue
        any_fields = dict(fields_of(detail))
        if any_fields.get(1, b"").endswith(b"/google.rpc.ErrorInfo"):
            return read_error_info(any_fields.get(2, b""))
    return {}


def read_error_info(data):
    info = {"metadata": {}}
    for number, value in fields_of(data):
        if number == 1:
            info["reason"] = value.decode()
        elif number == 2:
            info["domain"] = value.decode()
        elif number == 3:
            pair = dict(fields_of(value))
            info["metadata"][pair.get(1, b"").decode()] = pair.get(2, b"").decode()
    return info


def fields_of(data):
    """(number, value) of each field; numbers and bytes only, which is all that these messages hold."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise ValueError("a wire type that these messages do not have")
        yield key >> 3, value


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
