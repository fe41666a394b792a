//! The API as it describes itself: every method, and a message for it with any texts in it.
//!
//! - Made from the descriptors, so that no method that is added can be left out by forgetting it.

use std::collections::BTreeMap;

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

/// Messages within messages, at most.
const DEPTH_MAX: u32 = 4;
const META: &str = ".referral.common.v1.CommandMeta";
const MOMENT: &str = ".google.protobuf.Timestamp";

/// A method.
#[derive(Clone, Debug)]
pub struct Method {
    /// `/package.Service/Method`.
    pub path: String,
    /// What it takes.
    pub input: String,
    /// Whether its answer is a stream.
    pub streams: bool,
}

/// The whole API.
pub struct Api {
    /// Its methods.
    pub methods: Vec<Method>,
    messages: BTreeMap<String, DescriptorProto>,
}

impl Api {
    /// As the program serves it.
    pub fn described() -> Self {
        let described = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET);
        let (mut methods, mut messages) = (Vec::new(), BTreeMap::new());
        for file in described.expect("our own description").file {
            let package = file.package().to_owned();
            for service in &file.service {
                methods.extend(service.method.iter().map(|method| Method {
                    path: format!("/{package}.{}/{}", service.name(), method.name()),
                    input: method.input_type().to_owned(),
                    streams: method.server_streaming(),
                }));
            }
            for message in file.message_type {
                messages.insert(format!(".{package}.{}", message.name()), message);
            }
        }
        Self { methods, messages }
    }

    /// Whether a method is a command, which has to name itself.
    pub fn is_command(&self, method: &Method) -> bool {
        let fields = &self.messages[&method.input].field;
        fields.iter().any(|field| field.type_name() == META)
    }

    /// Whether a method takes any text besides the name of the command.
    pub fn takes_text(&self, method: &Method) -> bool {
        self.has_text(&method.input, DEPTH_MAX)
    }

    fn has_text(&self, message: &str, depth: u32) -> bool {
        let known = self
            .messages
            .get(message)
            .filter(|_| depth > 0 && message != META);
        known.is_some_and(|message| {
            message.field.iter().any(|field| match field.r#type() {
                Type::String => true,
                Type::Message => self.has_text(field.type_name(), depth - 1),
                _ => false,
            })
        })
    }

    /// A message for a method, in which every text is this one, the command is called `request`,
    /// and every number is 1.
    pub fn filled(&self, method: &Method, request: &str, text: &str) -> Vec<u8> {
        self.fill(&method.input, request, text, DEPTH_MAX)
    }

    fn fill(&self, message: &str, request: &str, text: &str, depth: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Some(known) = self.messages.get(message).filter(|_| depth > 0) else {
            return bytes;
        };
        let text = if message == META { request } else { text };
        for field in &known.field {
            let number = u32::try_from(field.number()).expect("a field's number");
            let inner = match field.r#type() {
                Type::String => text.as_bytes().to_vec(),
                Type::Bytes => vec![1; 32],
                // A version and a moment that are claimed are for other tests.
                Type::Message if field.type_name() == MOMENT => continue,
                Type::Message => self.fill(field.type_name(), request, text, depth - 1),
                _ if message == META => continue,
                _ => {
                    encode_key(number, WireType::Varint, &mut bytes);
                    encode_varint(1, &mut bytes);
                    continue;
                }
            };
            encode_key(number, WireType::LengthDelimited, &mut bytes);
            encode_varint(inner.len().try_into().expect("short"), &mut bytes);
            bytes.extend(inner);
        }
        bytes
    }
}
