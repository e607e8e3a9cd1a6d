// The query explorer: GraphiQL with our example queries and a token that stays in this browser tab.
"use strict";

const TOKEN = "rapport-token";
const storage = window.sessionStorage;

// The queries to begin with; `account` is the external id of one that the viewer can see, `sponsor` the id of its primary one.
const examplesFor = (account, sponsor) => [
  {
    query: `# The book, worst first. Press the play button, or Ctrl-Enter.
query Portfolio {
  viewer { email role timeZone }
  accounts(first: 50, orderBy: {field: ENGAGEMENT_SCORE, direction: ASC}) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node {
      id externalId name tier status renewalDate arr { amount currency }
      engagement { asOf overall pattern trend change coverage provisional dataThrough dimensions { dimension score weight measured } }
      team { user { name email } teamRole }
    } }
  }
}`,
  },
  {
    query: `# One account, with every point of its score traced to rows.
query Engagement($externalId: String!, $endingOn: Date) {
  accountByExternalId(externalId: $externalId) {
    name
    engagementReport(period: QUARTERLY, endingOn: $endingOn) {
      period { start end } previousPeriod { start end }
      overall previousOverall change trend pattern coverage coverageChanged provisional provisionalReason dataThrough policyHash
      dimensions { dimension score weight measured
        components { component value unit benchmark score weight contribution measured evidence { count interactionIds } } }
      stakeholders { contact { name title department } executive engaged touches lastTouchOn }
      singleThreaded multiThreaded
      signals { signal severity message evidence { count interactionIds } }
      recommendations { action reason horizon cadence content channel expectedPoints }
      target { overall pattern } improvementPlan { change points overallAfter }
      history { asOf overall pattern }
    }
  }
}`,
    variables: JSON.stringify({ externalId: account }, null, 2),
  },
  {
    query: `# Who sponsors us at an account, who would follow them, and what to do.
query Sponsors($externalId: String!) {
  accountByExternalId(externalId: $externalId) {
    sponsorReport {
      level risk score
      executives { contact { id name title } rank level score lastTouchOn status }
      succession { tenureMonths backups { contact { name } level } risk }
      recommendations { horizon action reason }
    }
    goals { goal progress dueOn }
    contract { start renewalDate arr { amount currency } }
    contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 20) { nodes { name title activity { touches lastTouchOn } } }
    interactions(contactRoles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], period: "12m", first: 50) { nodes { kind occurredAt subject outcome } }
    metrics(names: ["roi", "strategic_goals_progress"]) { name value observedOn change }
  }
}`,
    variables: JSON.stringify({ externalId: account }, null, 2),
  },
  {
    query: `# The whole book: metrics against target, revenue by pattern, who rose and who fell.
query Whole {
  portfolioReport(period: QUARTERLY) {
    accounts averageOverall distribution { pattern accounts arr { amount currency } }
    metrics { metric value unit target met measured }
    improved { account { name } change } declined { account { name } change }
    signals { signal accounts }
  }
}`,
  },
  {
    query: `# A sponsor has left: the sponsorship ends, an alert opens, and everybody it concerns has mail within seconds.
mutation Departure($contactId: ID!, $observedOn: Date!) {
  recordOrgChange(input: {kind: DEPARTURE, contactId: $contactId, observedOn: $observedOn, source: MANUAL, summary: "Left for a competitor"}) {
    orgChange { id kind confirmed reviewed }
    alert { id rule severity status }
    escalatedTo
  }
}`,
    variables: JSON.stringify({ contactId: sponsor, observedOn: new Date().toISOString().slice(0, 10) }, null, 2),
  },
];

// A token in the headers pane wins over the one in the form.
function withToken(headers) {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  const token = storage.getItem(TOKEN);
  return named || !token ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

async function send(request, headers) {
  const answer = await fetch("graphql", {
    method: "POST",
    headers: withToken({ Accept: "application/graphql-response+json", "Content-Type": "application/json", ...headers }),
    body: JSON.stringify(request),
    credentials: "omit",
  });
  return answer.json();
}

const root = ReactDOM.createRoot(document.getElementById("explorer"));
let generation = 0;

// Without a token nothing is kept: the examples shall name a real account once there is one.
function forgetful() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    getItem: (key) => (kept.has(key) ? kept.get(key) : null),
    setItem: (key, value) => { kept.set(key, String(value)); },
    removeItem: (key) => { kept.delete(key); },
    clear: () => { kept.clear(); },
  };
}

function render(account, sponsor) {
  generation += 1;
  root.render(
    React.createElement(GraphiQL, {
      // A new key loads the schema again, now with the token.
      key: generation,
      fetcher: (request, options) => send(request, (options && options.headers) || {}),
      defaultTabs: examplesFor(account, sponsor),
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      storage: storage.getItem(TOKEN) ? window.localStorage : forgetful(),
    }),
  );
}

// Says who is there, and finds an account to ask about.
async function begin() {
  const status = document.getElementById("viewer");
  let account = "YOUR-ACCOUNT";
  let sponsor = "ID-OF-A-CONTACT";
  if (!storage.getItem(TOKEN)) {
    status.textContent = "Paste a token here, or put {\"Authorization\": \"Bearer …\"} into the Headers pane.";
    render(account, sponsor);
    return;
  }
  try {
    const answer = await send({ query: "{ viewer { email role } accounts(first: 20) { nodes { externalId primarySponsor { contact { id } } } } }" }, {});
    if (answer.data) {
      status.textContent = `${answer.data.viewer.email} · ${answer.data.viewer.role}`;
      const accounts = answer.data.accounts.nodes;
      const example = accounts.find((one) => one.primarySponsor) || accounts[0];
      account = example ? example.externalId : account;
      sponsor = example && example.primarySponsor ? example.primarySponsor.contact.id : sponsor;
    } else {
      status.textContent = answer.errors[0].message;
    }
  } catch (error) {
    status.textContent = `The service does not answer: ${error.message}`;
  }
  render(account, sponsor);
}

document.getElementById("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = document.getElementById("token").value.trim();
  document.getElementById("token").value = "";
  if (token) storage.setItem(TOKEN, token);
  begin();
});
document.getElementById("forget").addEventListener("click", () => {
  storage.removeItem(TOKEN);
  begin();
});
begin();
