// The query explorer: GraphiQL with our example queries and a token that stays in this browser tab.
"use strict";

const TOKEN = "rapport-token";
const storage = window.sessionStorage;

const examples = [
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
    variables: `{\n  "externalId": "ACME"\n}`,
  },
  {
    query: `# Who we know at an account and what happened with its executives.
query People($externalId: String!) {
  accountByExternalId(externalId: $externalId) {
    goals { goal progress dueOn }
    contract { start renewalDate arr { amount currency } }
    contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 20) { nodes { name title activity { touches lastTouchOn } } }
    interactions(contactRoles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], period: "12m", first: 50) { nodes { kind occurredAt subject outcome } }
    metrics(names: ["roi", "strategic_goals_progress"]) { name value observedOn change }
  }
}`,
    variables: `{\n  "externalId": "ACME"\n}`,
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

function render() {
  generation += 1;
  root.render(
    React.createElement(GraphiQL, {
      // A new key loads the schema again, now with the token.
      key: generation,
      fetcher: (request, options) => send(request, (options && options.headers) || {}),
      defaultTabs: examples,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
}

async function greet() {
  const status = document.getElementById("viewer");
  if (!storage.getItem(TOKEN)) {
    status.textContent = "Paste a token here, or put {\"Authorization\": \"Bearer …\"} into the Headers pane.";
    return;
  }
  try {
    const answer = await send({ query: "{ viewer { email role } }" }, {});
    const viewer = answer.data && answer.data.viewer;
    status.textContent = viewer ? `${viewer.email} · ${viewer.role}` : answer.errors[0].message;
  } catch (error) {
    status.textContent = `The service does not answer: ${error.message}`;
  }
}

document.getElementById("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = document.getElementById("token").value.trim();
  document.getElementById("token").value = "";
  if (token) storage.setItem(TOKEN, token);
  greet();
  render();
});
document.getElementById("forget").addEventListener("click", () => {
  storage.removeItem(TOKEN);
  greet();
  render();
});
greet();
render();
