use edgeos_ports::{Attachment, MailAttachments, QueuedMail, Source};

/// Where no mail has files with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAttachments;

impl MailAttachments for NoAttachments {
    async fn attachments_of(&self, _: &QueuedMail) -> Result<Vec<Attachment>, Source> {
        Ok(Vec::new())
    }
}
