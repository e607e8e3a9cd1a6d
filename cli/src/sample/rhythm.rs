//! How often people of an account and of ours are in touch, and how well that goes.

/// How often both sides talk, and how it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Our e-mails and calls, as a share of what a good year has.
    pub outreach: f64,
    /// What the customer takes part in (but for meetings), likewise.
    pub two_way: f64,
    /// Meetings, likewise.
    pub meetings: f64,
    /// Share of our outreach that is answered.
    pub answered: f64,
    /// Hours until an answer, from and to.
    pub hours: (f64, f64),
    /// Share of due meetings that are held.
    pub held: f64,
    /// Share of everyday meetings and calls about direction.
    pub strategic: f64,
    /// Share of the people we know who take part.
    pub circle: f64,
    /// Whether executives take part.
    pub executives: bool,
    /// Power users, as a share of the benchmark.
    pub power_users: f64,
    /// Features in use.
    pub features: usize,
}

pub(super) const CHAMPION: Rhythm = Rhythm {
    outreach: 1.1,
    two_way: 1.2,
    meetings: 1.2,
    answered: 0.95,
    hours: (1.0, 16.0),
    held: 0.97,
    strategic: 0.35,
    circle: 1.0,
    executives: true,
    power_users: 1.2,
    features: 8,
};

pub(super) const HEALTHY: Rhythm = Rhythm {
    outreach: 1.0,
    two_way: 0.95,
    meetings: 0.95,
    answered: 0.87,
    hours: (2.0, 30.0),
    held: 0.93,
    strategic: 0.25,
    circle: 0.8,
    power_users: 0.8,
    features: 6,
    ..CHAMPION
};

pub(super) const STEADY: Rhythm = Rhythm {
    outreach: 0.8,
    two_way: 0.65,
    meetings: 0.65,
    answered: 0.68,
    hours: (8.0, 48.0),
    held: 0.85,
    strategic: 0.1,
    circle: 0.5,
    power_users: 0.4,
    features: 5,
    ..HEALTHY
};

pub(super) const TACTICAL: Rhythm = Rhythm {
    outreach: 1.0,
    two_way: 0.8,
    meetings: 0.75,
    answered: 0.78,
    strategic: 0.0,
    executives: false,
    power_users: 0.6,
    ..STEADY
};

pub(super) const DRIFTING: Rhythm = Rhythm {
    outreach: 0.7,
    two_way: 0.35,
    meetings: 0.4,
    answered: 0.5,
    hours: (20.0, 66.0),
    held: 0.72,
    strategic: 0.05,
    circle: 0.3,
    executives: false,
    power_users: 0.25,
    features: 3,
};

pub(super) const COLD: Rhythm = Rhythm {
    outreach: 0.6,
    two_way: 0.1,
    meetings: 0.2,
    answered: 0.25,
    hours: (40.0, 90.0),
    held: 0.4,
    strategic: 0.0,
    circle: 0.15,
    power_users: 0.0,
    features: 2,
    ..DRIFTING
};

pub(super) const SILENT: Rhythm = Rhythm {
    outreach: 0.8,
    two_way: 0.0,
    meetings: 0.0,
    answered: 0.0,
    features: 1,
    ..COLD
};

/// Uses the product as a healthy one does, and nothing of the rhythm is talked about.
pub(super) const UNSPOKEN: Rhythm = Rhythm {
    outreach: 0.0,
    two_way: 0.0,
    meetings: 0.0,
    ..HEALTHY
};
