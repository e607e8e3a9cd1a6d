//! One connection: its life from the first word to the last.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, Session};
use async_graphql::{Request, Response, ServerError};
use futures_util::{Sink, StreamExt};
use serde_json::Value;
use service::access::Access;
use service::error::with_causes;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::protocol::{ClientMessage, Closing, ServerMessage, read, token_of};
use crate::graphql::error::{self, Code};
use crate::graphql::{MAX_ANSWER_BYTES, RequestContext, Schema};
use crate::http::auth;
use crate::http::graphql::{Fault, Operation, unfinished};
use crate::live::{Event, Live, Presence};
use crate::state::AppState;

/// How long a client may take to say who it is.
const INIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the token is looked up again, and a silent client asked whether it is there.
const CHECK: Duration = Duration::from_secs(30);
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(90);
/// How long a client may take to read what it is sent.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Subscriptions of one connection.
const MAX_SUBSCRIPTIONS: usize = 10;
/// What is said to whoever does not read what they are sent.
const TOO_SLOW: &str = "too slow; connect again and ask for what there is";
/// What is said while the database cannot tell who somebody is.
const BUSY: &str = "busy; connect again in a moment";
/// Longest name of a subscription.
const MAX_ID: usize = 128;

/// One connection.
pub struct Connection {
    session: Session,
    state: web::Data<AppState>,
    schema: web::Data<Schema>,
    live: web::Data<Live>,
    /// What the request's header held.
    header: Option<String>,
    trace_id: String,
    known: Option<Known>,
    subscriptions: HashMap<String, Arc<Operation>>,
    events: Option<broadcast::Receiver<Event>>,
    heard_at: Instant,
}

/// Who it is.
struct Known {
    token: String,
    access: Access,
    /// Counts the connection among those of its user.
    _presence: Presence,
}

impl Connection {
    /// A connection that was opened and has said nothing yet.
    pub fn new(
        session: Session,
        state: web::Data<AppState>,
        schema: web::Data<Schema>,
        live: web::Data<Live>,
        header: Option<String>,
        trace_id: String,
    ) -> Self {
        let (subscriptions, heard_at) = (HashMap::new(), Instant::now());
        Self {
            session,
            state,
            schema,
            live,
            header,
            trace_id,
            known: None,
            subscriptions,
            events: None,
            heard_at,
        }
    }

    /// Lives it.
    pub async fn run(mut self, mut messages: AggregatedMessageStream) {
        let closing = self.live_it(&mut messages).await;
        tracing::debug!(trace_id = self.trace_id, ?closing, "a connection ends");
        if let Some(reason) = closing.reason() {
            // Whoever does not read it is gone.
            let _ = timeout(SEND_TIMEOUT, self.session.close(Some(reason))).await;
        }
    }

    async fn live_it(&mut self, messages: &mut AggregatedMessageStream) -> Closing {
        let init_until = Instant::now() + INIT_TIMEOUT;
        let mut check: Interval = interval_at(Instant::now() + CHECK, CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let live = self.live.clone();
        loop {
            let done = tokio::select! {
                // However much there is to tell: a service that stops, stops.
                biased;
                () = live.closed() => Err(Closing::GoingAway),
                // What has happened is told before anything else is answered: whoever asks whether we are there, and is told
                // so, has been told everything until then.
                event = next(&mut self.events) => self.tell(event).await,
                message = messages.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(error)) => Err(Closing::InvalidMessage(format!("{error}").chars().take(60).collect())),
                    None => Err(Closing::Gone),
                },
                _ = check.tick() => self.check().await,
                () = sleep_until(init_until), if self.known.is_none() => Err(Closing::InitTimeout),
            };
            if let Err(closing) = done {
                return closing;
            }
        }
    }

    async fn hear(&mut self, message: AggregatedMessage) -> Result<(), Closing> {
        self.heard_at = Instant::now();
        match message {
            AggregatedMessage::Text(text) => self.answer(read(&text)?).await,
            AggregatedMessage::Ping(bytes) => send(self.session.pong(&bytes)).await,
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Binary(_) => Err(Closing::InvalidMessage("Invalid message".to_owned())),
            AggregatedMessage::Close(_) => Err(Closing::Gone),
        }
    }

    async fn answer(&mut self, message: ClientMessage) -> Result<(), Closing> {
        match message {
            ClientMessage::ConnectionInit { payload } => self.init(payload.as_ref()).await,
            ClientMessage::Subscribe { id, payload } => self.subscribe(id, payload).await,
            ClientMessage::Complete { id } => {
                self.subscriptions.remove(&id);
                if self.subscriptions.is_empty() {
                    self.events = None;
                }
                Ok(())
            }
            ClientMessage::Ping { payload } => self.say(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong {} => Ok(()),
        }
    }

    async fn init(&mut self, payload: Option<&Value>) -> Result<(), Closing> {
        if self.known.is_some() {
            return Err(Closing::TooManyInits);
        }
        let token = token_of(payload)
            .map(str::to_owned)
            .or_else(|| self.header.take())
            .ok_or(Closing::Forbidden)?;
        let access = self.authenticate(&token).await?;
        let user = access.user().ok_or(Closing::Forbidden)?;
        let presence = self
            .live
            .enter(user)
            .ok_or(Closing::TryAgainLater("too many connections of one user"))?;
        self.known = Some(Known {
            token,
            access,
            _presence: presence,
        });
        self.say(&ServerMessage::ConnectionAck).await
    }

    async fn authenticate(&self, token: &str) -> Result<Access, Closing> {
        match auth::owner(&self.state, token, &self.trace_id).await {
            Ok(Some(access)) => Ok(access),
            Ok(None) => Err(Closing::Forbidden),
            Err(Code::RetryLater | Code::Unavailable) => Err(Closing::TryAgainLater(BUSY)),
            Err(_) => Err(Closing::Internal),
        }
    }

    /// Whether the token still holds, what it allows by now, and whether the client is still there.
    async fn check(&mut self) -> Result<(), Closing> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(Closing::Gone);
        }
        if self.known.is_some() {
            self.renew().await?;
        }
        send(self.session.ping(b"")).await
    }

    /// Looks the token up again: what it allows by now.
    async fn renew(&mut self) -> Result<Access, Closing> {
        let token = self
            .known
            .as_ref()
            .map(|known| known.token.clone())
            .ok_or(Closing::Unauthorized)?;
        let access = self.authenticate(&token).await?;
        if let Some(known) = &mut self.known {
            known.access = access.clone();
        }
        Ok(access)
    }

    async fn subscribe(&mut self, id: String, payload: Value) -> Result<(), Closing> {
        let Some(known) = &self.known else {
            return Err(Closing::Unauthorized);
        };
        if id.len() > MAX_ID || id.is_empty() {
            return Err(Closing::InvalidMessage("Invalid message".to_owned()));
        }
        if self.subscriptions.contains_key(&id) {
            return Err(Closing::SubscriberExists(id));
        }
        let started = Instant::now();
        let operation = match Operation::from_message(payload) {
            Ok(operation) => operation,
            Err(fault) => return self.refuse(&id, vec![fault.into_error()], started).await,
        };
        if self.subscriptions.len() == MAX_SUBSCRIPTIONS {
            let fault = Fault::too_much(format!(
                "a connection takes at most {MAX_SUBSCRIPTIONS} subscriptions"
            ));
            return self.refuse(&id, vec![fault.into_error()], started).await;
        }
        // Executed without an event: it says whether it can be executed at all.
        let access = known.access.clone();
        if let Some(refused) = self
            .execute(&operation, access, None)
            .await
            .filter(|answer| !answer.errors.is_empty())
        {
            return self.refuse(&id, refused.errors, started).await;
        }
        if self.events.is_none() {
            let events = self.live.subscribe().await.map_err(|error| {
                tracing::error!(
                    trace_id = self.trace_id,
                    error = with_causes(&error),
                    "beginning to watch failed"
                );
                Closing::Internal
            })?;
            self.events = Some(events);
        }
        self.subscriptions.insert(id, Arc::new(operation));
        self.count(None, started);
        Ok(())
    }

    /// Tells every subscription of an event what it wants to know about it.
    async fn tell(&mut self, event: Result<Event, RecvError>) -> Result<(), Closing> {
        let event = match event {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => return Err(Closing::TryAgainLater(TOO_SLOW)),
            Err(RecvError::Closed) => return Err(Closing::GoingAway),
        };
        let watching: Vec<(String, Arc<Operation>)> = self
            .subscriptions
            .iter()
            .map(|(id, own)| (id.clone(), Arc::clone(own)))
            .collect();
        for (id, operation) in watching {
            self.tell_one(&id, &operation, event).await?;
        }
        Ok(())
    }

    /// Tells one subscription. Whether the token still holds is the last thing that is asked before the message leaves, and
    /// there is room for the message by then: nothing leaves with rights that had ended before.
    async fn tell_one(&mut self, id: &str, operation: &Operation, event: Event) -> Result<(), Closing> {
        loop {
            send(poll_fn(|cx| Pin::new(&mut self.session).poll_ready(cx))).await?;
            let access = self
                .known
                .as_ref()
                .map(|known| known.access.clone())
                .ok_or(Closing::Unauthorized)?;
            let Some(answer) = self.execute(operation, access.clone(), Some(event)).await else {
                return Ok(());
            };
            if self.renew().await? == access {
                return self.say(&ServerMessage::Next { id, payload: &answer }).await;
            }
        }
    }

    /// Executes an operation for an event, or for none: the answer, where there is one.
    async fn execute(&self, operation: &Operation, access: Access, event: Option<Event>) -> Option<Response> {
        let mut request = Request::new("");
        request.operation_name.clone_from(&operation.name);
        request.set_parsed_query(operation.document.clone());
        let (mut request, turns) = RequestContext::attach(request, &self.state, access, false);
        if let Some(event) = event {
            request = request.data(event);
        }
        let schema = Schema::clone(&self.schema);
        let execution = async move {
            turns
                .take(true, schema.execute_stream(request).collect::<Vec<Response>>())
                .await
        };
        let mut answer = match self.state.engine.run(execution).await {
            // There is one answer to an event, or none.
            Ok(Some(answers)) => answers.into_iter().next()?,
            Ok(None) => Response::from_errors(vec![error::too_long(MAX_ANSWER_BYTES)]),
            Err(cut) => Response::from_errors(vec![
                unfinished(cut, &self.trace_id, "ask for less at once").into_error(),
            ]),
        };
        error::publish(&mut answer, &self.trace_id);
        Some(answer)
    }

    /// Counts a subscription that was begun or refused.
    fn count(&self, code: Option<Code>, started: Instant) {
        self.state.monitor.meters().graphql_answered(
            Some("subscription"),
            code.map(Code::as_str),
            started.elapsed(),
        );
    }

    async fn refuse(&mut self, id: &str, errors: Vec<ServerError>, started: Instant) -> Result<(), Closing> {
        self.count(error::first_code(&errors), started);
        self.say(&ServerMessage::Error { id, payload: &errors }).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Closing> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!(trace_id = self.trace_id, %error, "a message could not be written");
            Closing::Internal
        })?;
        send(self.session.text(text)).await
    }
}

/// The next event; never, while nobody subscribes.
async fn next(events: &mut Option<broadcast::Receiver<Event>>) -> Result<Event, RecvError> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// Says something; whoever does not take it in is closed.
async fn send(saying: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Closing> {
    match timeout(SEND_TIMEOUT, saying).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Closing::Gone),
        Err(_) => Err(Closing::TryAgainLater(TOO_SLOW)),
    }
}
