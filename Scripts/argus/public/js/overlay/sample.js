// A made-up run that goes on by itself: to place an overlay before the stream, and for the preview of the configurator.

const STEP_MS = 4000;

const strength = (value) => [{ text: "Strength:", value }];
const boon = (codeName, name, rarity, description, effects, boonType = "Boon") => ({ codeName, rarity, name, boonType, description, ...(effects ? { effects } : {}) });

const attack = (rarity, value) => boon("ZeusWeaponBoon", "Heaven Strike", rarity, "Your <b>Attack</b> brings lightning down on foes.", strength(value));
const others = [
  boon("ManaBurstBoon", "Magick Burst", "Common", "Spending <b>Magick</b> lets a heart loose at a foe nearby."),
  boon("DaggerBlinkAoETrait", "Blades: Blink Area", "Common", "Your <b>Omega Attack</b> hurts all around where you appear.", null, "Hammer"),
  boon("DoubleRewardBoon", "Double Reward", "Rare", "A reward may come twice."),
  boon("AmplifyConeBoon", "Amplify Cone", "Legendary", "Splashes of the sea grow very large.", [{ text: "Gift of:", value: "Poseidon" }]),
  boon("PoseidonSplashSprintBoon", "Splash Sprint", "Duo", "Your <b>Sprint</b> carries a ball of water and light ahead.", [{ text: "Gift of:", value: "Poseidon and Apollo" }]),
  boon("ElementalDodgeBoon", "Elemental Dodge", "Infusion", "You may <b>Dodge</b> blows; more likely with each <b>Air</b> you carry."),
  boon("HermesWeaponBoon", "Attack of Hermes", "Epic", "Your <b>Attack</b> is faster."),
  boon("ChaosHealthBlessing", "Blessing: Health", "Heroic", "You have more <b>Life</b>."),
];
const card = (codeName, name, rarity, description) => ({ codeName, name, rarity, description });
const vow = (codeName, name, level, description) => ({ codeName, name, level, description });

export const whole = {
  boonData: {
    otherBoons: others.slice(0, 6), totalBoons: 10, weaponBoon: attack("Rare", "higher"),
    specialBoon: boon("AphroditeSpecialBoon", "Special of Aphrodite", "Epic", "Your <b>Special</b> makes foes <b>Weak</b>.", strength("high")),
    castBoon: boon("PoseidonCastBoon", "Cast of Poseidon", "Heroic", "Your <b>Cast</b> splashes foes and pushes them away.", strength("highest")),
    manaBoon: boon("ApolloManaBoon", "Magick of Apollo", "Common", "A way of Apollo to get <b>Magick</b> back.", strength("base")),
  },
  weaponData: { name: "Aspect of Artemis", description: "A well timed guard turns blows aside and opens for <b>Critical</b> ones.", codeName: "DaggerBlockAspect", rarity: "Heroic" },
  familiarData: { codeName: "LastStandFamiliar", rarity: "8", name: "Toula", description: "A cat. Helps you up when you would fall, and scratches.", effects: [{ text: "Gathering:", value: "rank 3" }] },
  extraData: [
    { extraType: "Keepsake", codeName: "ForceZeusBoonKeepsake", name: "Cloud Bangle", description: "The next boon comes from <b>Zeus</b>.", rarity: "Epic" },
    { extraType: "Hex", codeName: "SpellSummonTrait", name: "Night Bloom", description: "<b>Hex</b>: a fallen foe rises and fights for you.", rarity: "Common" },
    { extraType: "Chaos Curse", codeName: "ChaosDamageCurse", name: "Curse: Damage", description: "For some encounters you take more damage.", rarity: "Common" },
  ],
  elementalData: [["Earth", "3"], ["Water", "2"], ["Air", "0"], ["Fire", "1"], ["Aether", "0"]].map(([name, value]) => ({ name, value })),
  pinData: [
    { codeName: "LightningVulnerabilityBoon", rarity: "Duo", name: "Lightning Vulnerability", description: "Foes that the sea has wet take more damage from lightning.", effects: [{ text: "Gift of:", value: "Poseidon and Zeus" }],
      requirements: [
        { type: "Zeus", items: [{ ...attack("Common", "base"), fulfilled: true }, { ...boon("ZeusSpecialBoon", "Special of Zeus", "Common", "Your <b>Special</b> brings lightning down on foes."), fulfilled: false }] },
        { type: "Poseidon", items: [{ ...boon("PoseidonWeaponBoon", "Attack of Poseidon", "Common", "Your <b>Attack</b> splashes foes."), fulfilled: false }, { ...boon("PoseidonCastBoon", "Cast of Poseidon", "Common", "Your <b>Cast</b> splashes foes."), fulfilled: true }] },
      ] },
    { codeName: "LuckyBoon", rarity: "Common", name: "Lucky", description: "Everything with a chance happens more often for you." },
  ],
  vowData: { totalFear: 12, vowList: [
    vow("EnemyDamageShrineUpgrade", "Vow of Pain", "2", "Foes do more damage."), vow("EnemySpeedShrineUpgrade", "Vow of Frenzy", "1", "Foes move and strike faster."),
    vow("BiomeSpeedShrineUpgrade", "Vow of Time", "1", "You have to get through a region in time."), vow("BossDifficultyShrineUpgrade", "Vow of Rivals", "2", "Guardians fight in a harder way."),
  ] },
  arcanaData: { totalGrasp: 18, arcanaList: [
    card("ChannelSlowMetaUpgrade", "The Sorceress", "Heroic", "Time slows down while you charge <b>Omega</b> moves."), card("DoorHealMetaUpgrade", "The Wayward Son", "Epic", "You heal when you leave a room."),
    card("LowManaDamageMetaupgrade", "The Huntress", "Common", "You deal more damage while your <b>Magick</b> is not full."), card("LastStandSlowTimeMetaUpgrade", "Death", "Rare", "You may rise again when you would fall."),
    card("EffectVulnerabilityMetaUpgrade", "Origination", "Common", "Foes with several curses take more damage."), card("ManaOverTimeMetaUpgrade", "The Unseen", "Rare", "You get <b>Magick</b> back all the time."),
  ] },
  totalRunItems: "15",
};

/** What changes from one step to the next; the rest stays. */
export const steps = [
  whole,
  { boonData: { ...whole.boonData, otherBoons: others.slice(0, 7), totalBoons: 11 }, totalRunItems: "16" },
  { boonData: { ...whole.boonData, weaponBoon: attack("Epic", "high"), otherBoons: others, totalBoons: 12 }, elementalData: whole.elementalData.map((one) => (one.name === "Water" ? { ...one, value: "4" } : one)), totalRunItems: "17" },
  { boonData: { ...whole.boonData, weaponBoon: attack("Epic", "high"), otherBoons: others, totalBoons: 13, sprintBoon: boon("HestiaSprintBoon", "Sprint of Hestia", "Rare", "Your <b>Sprint</b> leaves <b>Scorch</b> that burns on.", strength("higher")) }, totalRunItems: "18" },
];

/** Hands one step after the other to `heard`, as a server would. */
export function play(heard) {
  let at = 0;
  const next = () => heard(JSON.stringify(steps[at++ % steps.length]));
  next();
  setInterval(next, STEP_MS);
}
