//! Signing in with a code that comes by mail, and signing out.

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, Utc};
use edgeos_domain::{
    Email, HttpUrl, Human, HumanId, LoginCode, MailId, MailTemplate, Profile, StaffEmail, TenantId,
    User,
};
use edgeos_ports::{
    Change, CodeTry, Environment, HumanLoginCodes, Humans, LimitReached, NewMail, NewUserMail,
    Outbox, PendingHuman, PlatformOutbox, PlatformStore, Resource, RevokedToken, RevokedTokens,
    Store, StoreError, StoredLoginCode, TenantScope, Tenants, Transaction, UserLoginCodes, Users,
};
use serde_json::json;

use crate::{
    AppError,
    attempts::{Attempt, Attempts},
    keys::Keyring,
    sessions::Sessions,
    tokens::{Subject, Tokens, VerifiedToken},
};

/// The same words whatever is wrong with a code: they don't tell whether the address is known.
const WRONG_CODE: &str = "the code is wrong or has expired";

/// Sends codes, and trades them for tokens.
#[derive(Clone)]
pub struct SignIn<S> {
    store: S,
    sessions: Sessions<S>,
    tokens: Tokens,
    keys: Arc<Keyring>,
    attempts: Attempts,
    env: Arc<dyn Environment>,
    mail_is_on: bool,
}

/// Who wants to sign in to the portal.
#[derive(Debug, Clone)]
pub struct NewHumanLogin {
    /// The tenant that has the portal, or doesn't exist.
    pub tenant: TenantId,
    /// Where the code goes.
    pub email: Email,
    /// A picture for the human to be; changes nothing for one who exists.
    pub picture_url: Option<HttpUrl>,
}

impl<S> SignIn<S>
where
    S: Store<Tx: Humans + HumanLoginCodes + Outbox>
        + PlatformStore<PlatformTx: Users + Tenants + UserLoginCodes + RevokedTokens + PlatformOutbox>,
{
    /// Sign-in over `store`; `mail_is_on` tells whether codes can be sent at all.
    pub fn new(
        store: S,
        sessions: Sessions<S>,
        tokens: Tokens,
        keys: Arc<Keyring>,
        attempts: Attempts,
        env: Arc<dyn Environment>,
        mail_is_on: bool,
    ) -> Self {
        Self { store, sessions, tokens, keys, attempts, env, mail_is_on }
    }

    /// Mails a code to the active user with this e-mail; `from` is the client's address.
    ///
    /// # Errors
    ///
    /// `Unavailable` without mail, `TooMany`, `NotFound(User)`.
    pub async fn user_login(&self, from: IpAddr, email: &StaffEmail) -> Result<(), AppError> {
        self.require_mail()?;
        self.count_login(from, Attempt::UserLogin { email: email.as_str() }, email.as_str())
            .await?;

        let mut tx = self.store.begin_platform(None).await?;
        let user = active_user(&mut tx, email).await?;
        let (code, stored) = self.draw(&user_owner(&user));
        tx.replace_user_login_code(user.id, &stored).await?;
        let mail = NewUserMail {
            id: MailId(self.env.uuid()),
            user: user.id,
            template: MailTemplate::LoginCodeUser,
            to: user.email.as_str().to_owned(),
            context: json!({
                "user_name": user.full_name.filter(|name| !looks_like_a_code(name)),
                "auth_code": code.as_str(),
                "expiration_minutes": LoginCode::LIFETIME.num_minutes(),
            }),
            priority: NewMail::LOGIN_PRIORITY,
            not_after: Some(stored.expires_at),
        };
        tx.enqueue_user_mail(&mail).await?;
        tx.announce(Change::Mail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A token for the active user with this e-mail, for the code that was mailed last.
    ///
    /// # Errors
    ///
    /// `TooMany` when the client or the code had too many tries, `NotFound(User)`, `Unauthenticated` when
    /// the code doesn't count.
    pub async fn user_authenticate(
        &self,
        from: IpAddr,
        email: &StaffEmail,
        code: &LoginCode,
    ) -> Result<String, AppError> {
        let verified = Box::pin(async {
            let mut tx = self.store.begin_platform(None).await?;
            let user = active_user(&mut tx, email).await?;
            let tried = tx.try_user_login_code(user.id, LoginCode::TRIES, self.env.now()).await?;
            if !self.compare(tried, &user_owner(&user), code)? {
                tx.commit().await?;
                return Err(AppError::Unauthenticated(WRONG_CODE.into()));
            }
            tx.delete_user_login_code(user.id).await?;
            tx.commit().await?;
            Ok(user)
        });
        let user = self.as_guess(from, verified).await?;
        Ok(self.tokens.issue(Subject::User(user.id)))
    }

    /// Mails a code to somebody who is a human of the tenant, or becomes one by entering it; `from` is the
    /// client's address.
    ///
    /// # Errors
    ///
    /// `Unavailable` without mail, `TooMany`, `NotFound(Tenant)`.
    pub async fn human_login(&self, from: IpAddr, login: NewHumanLogin) -> Result<(), AppError> {
        self.require_mail()?;
        let NewHumanLogin { tenant, email, picture_url } = login;
        self.count_login(
            from,
            Attempt::HumanLogin { tenant, email: email.as_str() },
            email.as_str(),
        )
        .await?;
        let scope = self.scope_of(tenant).await?.ok_or(AppError::NotFound(Resource::Tenant))?;

        let mut tx = self.store.begin(&scope).await?;
        let human = tx.human_by_email(&email).await?;
        let (code, stored) = self.draw(&human_owner(tenant, &email));
        tx.replace_human_login_code(&email, &stored).await?;
        if human.is_none() {
            let pending = PendingHuman {
                id: self.env.uuid(),
                email: email.clone(),
                picture_url,
                expires_at: stored.expires_at,
            };
            tx.replace_pending_human(&pending).await?;
        }
        let name = human.as_ref().map_or(email.local_part().to_owned(), Human::display_name);
        let mail = NewMail {
            id: MailId(self.env.uuid()),
            popup_id: None,
            template: MailTemplate::LoginCodeHuman,
            to: email.as_str().to_owned(),
            context: json!({
                "first_name": Some(name).filter(|name| !looks_like_a_code(name)),
                "auth_code": code.as_str(),
                "expiration_minutes": LoginCode::LIFETIME.num_minutes(),
                // The mail to somebody new says that entering the code makes an account.
                "is_new": human.is_none(),
            }),
            dedupe_key: None,
            priority: NewMail::LOGIN_PRIORITY,
            not_after: Some(stored.expires_at),
        };
        tx.enqueue_mail(&mail).await?;
        tx.announce(Change::Mail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A token for the human of the tenant with this e-mail, for the code that was mailed last. Somebody
    /// new becomes a human by this, and gets the tickets that wait under the address.
    ///
    /// # Errors
    ///
    /// `TooMany` when the client or the code had too many tries, `Unauthenticated` when the code doesn't
    /// count, `NotFound(Human)` when it does, but what was known of somebody new is lost.
    pub async fn human_authenticate(
        &self,
        from: IpAddr,
        tenant: TenantId,
        email: &Email,
        code: &LoginCode,
    ) -> Result<String, AppError> {
        let verified = Box::pin(async {
            let wrong = || AppError::Unauthenticated(WRONG_CODE.into());
            let scope = self.scope_of(tenant).await?.ok_or_else(wrong)?;
            let now = self.env.now();

            let mut tx = self.store.begin(&scope).await?;
            let tried = tx.try_human_login_code(email, LoginCode::TRIES, now).await?;
            if !self.compare(tried, &human_owner(tenant, email), code)? {
                tx.commit().await?;
                return Err(wrong());
            }
            tx.delete_human_login_code(email).await?;
            let human = self.known_or_new(&mut tx, tenant, email, now).await?;
            tx.commit().await?;
            human.ok_or(AppError::NotFound(Resource::Human))
        });
        let human = self.as_guess(from, verified).await?;
        Ok(self.tokens.issue(Subject::Human(human, Some(tenant))))
    }

    /// Makes `token` count no more, on every server. Its owner's other tokens stay good.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn logout(&self, token: VerifiedToken) -> Result<(), AppError> {
        let revoked = RevokedToken { key: token.key.clone(), expires_at: token.expires_at };
        let mut tx = self.store.begin_platform(None).await?;
        tx.revoke_token(&revoked).await?;
        tx.announce(Change::TokenRevoked).await?;
        tx.commit().await?;
        self.sessions.forget_token(&token);
        Ok(())
    }

    fn require_mail(&self) -> Result<(), AppError> {
        let off = || AppError::Unavailable("sign-in codes can't be sent: mail is off".into());
        if self.mail_is_on { Ok(()) } else { Err(off()) }
    }

    /// Counts a login, before anything is looked up: unknown addresses are limited too. The budget of the
    /// client comes first, so that a client who used it up can't use up anybody else's.
    async fn count_login(
        &self,
        from: IpAddr,
        login: Attempt<'_>,
        email: &str,
    ) -> Result<(), AppError> {
        let counted = async {
            self.attempts.check(Attempt::LoginMailFrom(from)).await?;
            self.attempts.count(login).await?;
            self.attempts.count(Attempt::LoginMailTo(email)).await?;
            self.attempts.count(Attempt::LoginMailFrom(from)).await
        };
        counted.await.map_err(|reached| too_many("login requests", reached))
    }

    /// What `verified` says. It counts against the client from the start, or guesses at the same time would all pass;
    /// one that turns out to be none is taken back.
    async fn as_guess<T>(
        &self,
        from: IpAddr,
        verified: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let guess = Attempt::FailedVerification(from);
        let counted = self.attempts.count(guess).await;
        counted.map_err(|reached| too_many("wrong codes", reached))?;
        let result = verified.await;
        let wrong = matches!(
            result,
            Err(AppError::Unauthenticated(_) | AppError::NotFound(_) | AppError::TooMany { .. })
        );
        if !wrong {
            self.attempts.take_back(guess).await;
        }
        result
    }

    /// The scope of the tenant `id` if it exists and isn't deleted.
    async fn scope_of(&self, id: TenantId) -> Result<Option<TenantScope>, StoreError> {
        let tenant = self.sessions.tenant(id).await?;
        Ok(tenant.and_then(|tenant| TenantScope::of_visitor(&tenant)))
    }

    /// A fresh code, and what is kept of it.
    fn draw(&self, owner: &str) -> (LoginCode, StoredLoginCode) {
        let code = LoginCode::draw(|bytes| self.env.fill(bytes));
        let hash = self.keys.code_hash(owner, code.as_str());
        let expires_at = self.env.now() + LoginCode::LIFETIME;
        (code, StoredLoginCode { hash, expires_at })
    }

    /// Whether `code` is what the try found. A try that wasn't counted changed nothing.
    fn compare(&self, tried: CodeTry, owner: &str, code: &LoginCode) -> Result<bool, AppError> {
        match tried {
            CodeTry::Counted(hash) => Ok(self.keys.code_matches(owner, code.as_str(), &hash)),
            CodeTry::Missing => Err(AppError::Unauthenticated(WRONG_CODE.into())),
            CodeTry::Exhausted => Err(AppError::TooMany {
                words: "too many wrong codes: ask for a new one".into(),
                retry_after: None,
            }),
        }
    }

    /// The human with this e-mail, made of whoever is pending with it if need be.
    async fn known_or_new(
        &self,
        tx: &mut S::Tx,
        tenant: TenantId,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<Option<HumanId>, AppError> {
        if let Some(human) = tx.human_by_email(email).await? {
            return Ok(Some(human.id));
        }
        let Some(pending) = tx.take_pending_human(email, now).await? else { return Ok(None) };
        let id = HumanId(self.env.uuid());
        let email = email.clone();
        let human = Human::new(id, tenant, email, Profile::default(), pending.picture_url);
        if tx.insert_human_if_new(&human).await? {
            tx.link_attendees(id, &human.email).await?;
            return Ok(Some(id));
        }
        // Staff were faster.
        Ok(tx.human_by_email(&human.email).await?.map(|human| human.id))
    }
}

/// The active user with this e-mail, whose tenant isn't deleted.
async fn active_user<T: Users + Tenants>(tx: &mut T, email: &StaffEmail) -> Result<User, AppError> {
    let missing = AppError::NotFound(Resource::User);
    let Some(user) = tx.user_by_email(email).await?.filter(|user| !user.deleted) else {
        return Err(missing);
    };
    if let Some(tenant) = user.tenant
        && tx.tenant(tenant).await?.is_none_or(|tenant| tenant.deleted)
    {
        return Err(missing);
    }
    Ok(user)
}

fn user_owner(user: &User) -> String {
    format!("user|{}", user.id)
}

fn human_owner(tenant: TenantId, email: &Email) -> String {
    format!("human|{tenant}|{}", email.as_str())
}

/// Whether six digits stand alone in `text`. In the mail with the code no other such run may appear, or
/// people and programs take the wrong one.
fn looks_like_a_code(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| LoginCode::parse(run).is_ok())
}

fn too_many(what: &str, reached: LimitReached) -> AppError {
    let minutes = reached.retry_after.as_secs().div_ceil(60);
    let words = format!("too many {what}: try again in {minutes} min");
    AppError::too_many(words)(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_taken_for_a_code_is_told_apart() {
        assert!(looks_like_a_code("123456"));
        assert!(looks_like_a_code("Ann (123456)"));
        assert!(!looks_like_a_code("Ann 1234567"));
        assert!(!looks_like_a_code("12345@x.example"));
    }
}
